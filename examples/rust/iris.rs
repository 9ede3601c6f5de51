// Fit a line to the petals of irises, tracked by print statements: the standard library alone.
//
// iris fit|diverge|fail DATA FOLDER

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

/// A text between its quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", c as u32)),
            _ => out.push(c),
        }
    }
    out + "\""
}

/// A number of a series; JSON has no NaN and no infinities.
fn point(value: f64) -> String {
    if value.is_nan() {
        "\"NaN\"".into()
    } else if value.is_infinite() {
        if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }.into()
    } else {
        format!("{value:?}")
    }
}

/// The same as a property or parameter.
fn tagged(value: f64) -> String {
    if value.is_finite() { point(value) } else { format!("{{\"$float\": {}}}", point(value)) }
}

/// Seconds since 1970.
fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The moment, in UTC. The standard library has no calendar.
fn now() -> String {
    let total = seconds() as i64;
    let (days, second) = (total.div_euclid(86400), total.rem_euclid(86400));
    // Count from 1 March of year 0, in cycles of 400 years.
    let shifted = days + 719468;
    let (cycle, day) = (shifted.div_euclid(146097), shifted.rem_euclid(146097));
    let year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", cycle * 400 + year)
}

// -- the experiment ---------------------------------------------------------------------------------------------------

struct Row {
    length: f64,
    width: f64,
}

/// The mean square of the errors, and its derivatives by slope and intercept.
fn fit(rows: &[Row], slope: f64, intercept: f64) -> (f64, f64, f64) {
    let (mut loss, mut by_slope, mut by_intercept) = (0.0, 0.0, 0.0);
    for row in rows {
        let error = slope * row.length + intercept - row.width;
        loss += error * error;
        by_slope += 2.0 * error * row.length;
        by_intercept += 2.0 * error;
    }
    let count = rows.len() as f64;
    (loss / count, by_slope / count, by_intercept / count)
}

/// The curve of the finite losses as SVG, on a logarithmic axis.
fn drawn(losses: &[f64]) -> String {
    let logs: Vec<f64> = losses.iter().map(|loss| loss.log10()).filter(|height| height.is_finite()).collect();
    let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut points = String::new();
    for (index, height) in logs.iter().enumerate() {
        let x = 300.0 * index as f64 / logs.len() as f64;
        let _ = write!(points, "{x:.2},{:.2} ", 10.0 + 180.0 * (high - height) / (high - low));
    }
    let line = format!(r#"<polyline points="{points}" fill="none" stroke="black"/>"#);
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">{line}</svg>\n")
}

/// The SHA-256 of a file. The standard library has none.
fn digest(path: &Path) -> io::Result<String> {
    let output = Command::new("sha256sum").stdin(File::open(path)?).stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).chars().take(64).collect())
}

/// What was logged under one name, for the document.
#[derive(Default)]
struct Column {
    values: Vec<String>,
    steps: Vec<String>,
    times: Vec<String>,
}

/// The stream, and the columns by name.
struct Run {
    stream: File,
    columns: BTreeMap<&'static str, Column>,
}

impl Run {
    /// Write one line at once; a file has no buffer.
    fn write(&mut self, record: &str) -> io::Result<()> {
        self.stream.write_all(format!("{record}\n").as_bytes())
    }

    fn log(&mut self, kind: &str, name: &'static str, value: String, step: u32) -> io::Result<()> {
        let time = format!("{:.3}", seconds());
        self.write(&format!(r#"{{"step": {step}, "time": {time}, "{kind}": {{"{name}": {value}}}}}"#))?;
        let column = self.columns.entry(name).or_default();
        column.values.push(value);
        column.steps.push(step.to_string());
        column.times.push(time);
        Ok(())
    }

    fn column(&self, name: &str) -> String {
        let column = &self.columns[name];
        let (values, steps, times) = (column.values.join(", "), column.steps.join(", "), column.times.join(", "));
        format!(r#""{name}": {{"values": [{values}], "steps": [{steps}], "times": [{times}]}}"#)
    }
}

/// Train, and return the losses, the slope and the intercept.
fn train(run: &mut Run, variant: &str, data: &str, folder: &Path, rate: f64, epochs: u32) -> io::Result<(Vec<f64>, f64, f64)> {
    let (mut rows, mut held_out) = (Vec::new(), Vec::new());
    for (index, line) in data.lines().skip(1).enumerate() {
        let cells: Vec<f64> = line.split(',').filter_map(|cell| cell.parse().ok()).collect();
        let row = Row { length: cells[2], width: cells[3] };
        if index % 5 == 0 { held_out.push(row) } else { rows.push(row) }
    }
    let (mut slope, mut intercept, mut losses) = (0.0, 0.0, Vec::new());
    for epoch in 1..=epochs {
        let (loss, by_slope, by_intercept) = fit(&rows, slope, intercept);
        losses.push(loss);
        run.log("series", "train/loss", point(loss), epoch)?;
        if epoch % 10 == 0 {
            run.log("series", "validation/loss", point(fit(&held_out, slope, intercept).0), epoch)?;
            run.log("text", "log", quoted(&format!("epoch {epoch}: loss {loss:.5e}")), epoch)?;
        }
        if variant == "fail" && epoch == 50 {
            fs::read(folder.join("no-such-checkpoint"))?;
        }
        slope -= rate * by_slope;
        intercept -= rate * by_intercept;
    }
    Ok((losses, slope, intercept))
}

fn main() -> Result<(), Box<dyn Error>> {
    let [variant, data, folder]: [String; 3] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "iris fit|diverge|fail DATA FOLDER")?;
    let folder = PathBuf::from(folder);
    let (rate, epochs) = if variant == "diverge" { (10.0, 150) } else { (0.02, 100) };
    let id = format!("rust-{variant}");
    let data = fs::read_to_string(data)?;

    let first = [
        format!(r#""runjson": "1.0", "project": "languages", "id": {}"#, quoted(&id)),
        format!(r#""name": {}"#, quoted(&format!("Petals of irises in Rust: {variant}"))),
        format!(r#""started_at": "{}""#, now()),
        format!(r#""tags": ["languages", {}]"#, quoted("say \"hi\" \\ 🦉\n\x07")),
        format!(r#""parameters": {{"rate": {}, "epochs": {epochs}, "big": {}"#, tagged(rate), 9007199254740993_i64),
        format!(r#""note": {}}}"#, quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01")),
        r#""source": {"language": "Rust", "script": "iris.rs"}"#.to_string(),
        format!(r#""environment": {{"version": {}}}"#, quoted(option_env!("RUSTC_VERSION").unwrap_or("rustc"))),
    ]
    .join(", ");
    let mut run = Run { stream: File::create(folder.join(format!("{id}.run.jsonl")))?, columns: BTreeMap::new() };
    run.write(&format!(r#"{{{first}, "status": "running"}}"#))?;

    let trained = train(&mut run, &variant, &data, &folder, rate, epochs);
    let mut last = match &trained {
        Ok((losses, slope, intercept)) => {
            let (image, model) = (format!("{id}-loss.svg"), format!("{id}-model.txt"));
            fs::write(folder.join(&image), drawn(losses))?;
            let text = format!("{slope} {intercept}\n");
            fs::write(folder.join(&model), &text)?;
            [
                format!(r#""status": "succeeded", "properties": {{"slope": {}"#, tagged(*slope)),
                format!(r#""intercept": {}}}"#, tagged(*intercept)),
                format!(r#""images": {{"loss": {{"path": {}, "media_type": "image/svg+xml"}}}}"#, quoted(&image)),
                format!(r#""artifacts": {{"model": {{"path": {}, "bytes": {}"#, quoted(&model), text.len()),
                format!(r#""sha256": "{}"}}}}"#, digest(&folder.join(&model))?),
            ]
            .join(", ")
        }
        Err(error) => format!(
            r#""status": "failed", "error": {{"type": {}, "message": {}}}"#,
            quoted(&format!("io::ErrorKind::{:?}", error.kind())),
            quoted(&error.to_string())
        ),
    };
    last += &format!(r#", "ended_at": "{}""#, now());
    run.write(&format!("{{{last}}}"))?;
    let series = [run.column("train/loss"), run.column("validation/loss")].join(",\n  ");
    let text = run.column("log");
    let document = format!("{{{first},\n \"series\": {{{series}}},\n \"text\": {{{text}}},\n {last}}}\n");
    fs::write(folder.join(format!("{id}.run.json")), document)?;
    if trained.is_err() {
        process::exit(1);
    }
    Ok(())
}
