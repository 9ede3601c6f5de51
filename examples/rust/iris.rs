// Fit a line to the petals of irises, tracked by print statements: the standard library, and sha256sum.
//
// iris fit|diverge|fail DATA FOLDER

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::process::Command;
use std::time::UNIX_EPOCH;

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

/// A text between its quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => out += &format!("\\u{:04x}", c as u32),
            _ => out.push(c),
        }
    }
    out + "\""
}

/// A number of a series; JSON has no NaN and no infinities.
fn point(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { format!("\"{value}\"").replace("inf", "Infinity") }
}

/// The same as a property or parameter.
fn tagged(value: f64) -> String {
    if value.is_finite() { point(value) } else { format!(r#"{{"$float": {}}}"#, point(value)) }
}

/// Seconds since 1970.
fn seconds() -> f64 {
    UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64())
}

/// The moment, in UTC. The standard library has no calendar: the date comes from the Julian day, as by Richards.
fn now() -> String {
    let total = seconds() as u64;
    let julian = total / 86400 + 2440588;
    let e = 4 * (julian + 1363 + (4 * julian + 274277) / 146097 * 3 / 4) + 3;
    let h = 5 * (e % 1461 / 4) + 2;
    let (day, month) = (h % 153 / 5 + 1, (h / 153 + 2) % 12 + 1);
    let year = e / 1461 - 4716 + (14 - month) / 12;
    let (hour, minute, second) = (total / 3600 % 24, total / 60 % 60, total % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

// -- the experiment ---------------------------------------------------------------------------------------------------

/// The stream, and for the document what was logged: name, value, step and time, as they were printed.
struct Run {
    stream: File,
    points: Vec<[String; 4]>,
}

impl Run {
    /// Write one line at once; a file has no buffer.
    fn write(&mut self, record: &str) -> io::Result<()> {
        self.stream.write_all(format!("{record}\n").as_bytes())
    }

    fn log(&mut self, kind: &str, name: &str, step: u32, value: String) -> io::Result<()> {
        let time = format!("{:.3}", seconds());
        self.write(&format!(r#"{{"step": {step}, "time": {time}, "{kind}": {{"{name}": {value}}}}}"#))?;
        self.points.push([name.into(), value, step.to_string(), time]);
        Ok(())
    }

    fn column(&self, name: &str) -> String {
        let points: Vec<_> = self.points.iter().filter(|point| point[0] == name).collect();
        let list = |part: usize| points.iter().map(|point| point[part].as_str()).collect::<Vec<_>>().join(", ");
        format!(r#""{name}": {{"values": [{}], "steps": [{}], "times": [{}]}}"#, list(1), list(2), list(3))
    }
}

/// The mean square of the errors, and its derivatives by slope and intercept.
fn fit(rows: &[(f64, f64)], slope: f64, intercept: f64) -> (f64, f64, f64) {
    let (mut loss, mut by_slope, mut by_intercept) = (0.0, 0.0, 0.0);
    for (length, width) in rows {
        let error = slope * length + intercept - width;
        loss += error * error;
        by_slope += 2.0 * error * length;
        by_intercept += 2.0 * error;
    }
    let count = rows.len() as f64;
    (loss / count, by_slope / count, by_intercept / count)
}

/// The curve of the logarithms of the losses, which only fall or only rise, as SVG.
fn drawn(heights: &[f64]) -> String {
    let (first, last) = (heights[0], heights[heights.len() - 1]);
    let (low, high) = (first.min(last), first.max(last));
    let mut points = String::new();
    for (index, height) in heights.iter().enumerate() {
        let x = 300.0 * index as f64 / heights.len() as f64;
        points += &format!("{x:.2},{:.2} ", 10.0 + 180.0 * (high - height) / (high - low));
    }
    let line = format!(r#"<polyline points="{points}" fill="none" stroke="black"/>"#);
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">{line}</svg>\n")
}

fn main() -> Result<(), Box<dyn Error>> {
    let [variant, data, folder]: [String; 3] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "iris fit|diverge|fail DATA FOLDER")?;
    let (mut train, mut held_out) = (vec![], vec![]);
    for (index, line) in fs::read_to_string(data)?.lines().skip(1).enumerate() {
        let cells: Vec<f64> = line.split(',').filter_map(|cell| cell.parse().ok()).collect();
        if index % 5 == 0 { &mut held_out } else { &mut train }.push((cells[2], cells[3]));
    }
    env::set_current_dir(folder)?;
    let (rate, epochs) = if variant == "diverge" { (10.0, 150) } else { (0.02, 100) };
    let id = format!("rust-{variant}");

    let first = [
        format!(r#""runjson": "1.0", "project": "languages", "id": {}"#, quoted(&id)),
        format!(r#""name": {}, "started_at": "{}""#, quoted(&format!("Petals of irises in Rust: {variant}")), now()),
        format!(r#""tags": ["languages", {}]"#, quoted("say \"hi\" \\ 🦉\n\x07")),
        format!(r#""parameters": {{"rate": {}, "epochs": {epochs}, "big": {}"#, tagged(rate), 9007199254740993_i64),
        format!(r#""note": {}}}"#, quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01")),
        r#""source": {"language": "Rust", "script": "iris.rs"}"#.to_string(),
        format!(r#""environment": {{"version": {}}}"#, quoted(option_env!("RUSTC_VERSION").unwrap_or("rustc"))),
    ]
    .join(", ");
    let mut run = Run { stream: File::create(format!("{id}.run.jsonl"))?, points: vec![] };
    run.write(&format!(r#"{{{first}, "status": "running"}}"#))?;

    let (mut slope, mut intercept, mut heights) = (0.0, 0.0, vec![]);
    let trained = (|| {
        for epoch in 1..=epochs {
            let (loss, by_slope, by_intercept) = fit(&train, slope, intercept);
            if loss.is_finite() {
                heights.push(loss.log10());
            }
            run.log("series", "train/loss", epoch, point(loss))?;
            if epoch % 10 == 0 {
                run.log("series", "validation/loss", epoch, point(fit(&held_out, slope, intercept).0))?;
                run.log("text", "log", epoch, quoted(&format!("epoch {epoch}: loss {loss:.5e}")))?;
            }
            if variant == "fail" && epoch == 50 {
                fs::read("no-such-checkpoint")?;
            }
            slope -= rate * by_slope;
            intercept -= rate * by_intercept;
        }
        io::Result::Ok(())
    })();

    let mut last = match &trained {
        Ok(()) => {
            fs::write(format!("{id}-loss.svg"), drawn(&heights))?;
            let (path, model) = (format!("{id}-model.txt"), format!("{slope} {intercept}\n"));
            fs::write(&path, &model)?;
            let sum = String::from_utf8(Command::new("sha256sum").arg(&path).output()?.stdout)?;
            let (bytes, digest) = (model.len(), &sum[..64]);
            [
                r#""status": "succeeded""#.to_string(),
                format!(r#""properties": {{"slope": {}, "intercept": {}}}"#, tagged(slope), tagged(intercept)),
                format!(r#""images": {{"loss": {{"path": "{id}-loss.svg", "media_type": "image/svg+xml"}}}}"#),
                format!(r#""artifacts": {{"model": {{"path": "{path}", "bytes": {bytes}, "sha256": "{digest}"}}}}"#),
            ]
            .join(", ")
        }
        Err(error) => {
            let (kind, message) = (error.kind(), quoted(&error.to_string()));
            format!(r#""status": "failed", "error": {{"type": "io::ErrorKind::{kind:?}", "message": {message}}}"#)
        }
    };
    last += &format!(r#", "ended_at": "{}""#, now());
    run.write(&format!("{{{last}}}"))?;
    let (train_loss, validation_loss) = (run.column("train/loss"), run.column("validation/loss"));
    let columns = format!("\"series\": {{{train_loss},\n  {validation_loss}}},\n \"text\": {{{}}}", run.column("log"));
    let document = format!("{{{first},\n {columns},\n {last}}}\n");
    fs::write(format!("{id}.run.json"), document)?;
    Ok(trained?)
}
