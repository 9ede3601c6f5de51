// Fit a line to the petals of irises, tracked by print statements: the class library alone.
//
// iris fit|diverge|fail DATA FOLDER
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

static class Json
{
    // -- to copy: texts, numbers, and times ---------------------------------------------------------------------------

    /// <summary>A text between its quotes.</summary>
    public static string Quoted(string text)
    {
        var result = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c == '"' || c == '\\') result.Append('\\').Append(c);
            else if (c < ' ') result.AppendFormat("\\u{0:x4}", (int)c);
            else result.Append(c);
        }
        return result.Append('"').ToString();
    }

    /// <summary>A number of a series; JSON has no NaN and no infinities.</summary>
    public static string Point(double value)
    {
        if (double.IsNaN(value)) return "\"NaN\"";
        if (double.IsInfinity(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        return value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>The same as a property or parameter.</summary>
    public static string Tagged(double value)
    {
        string text = Point(value);
        return text[0] == '"' ? "{\"$float\": " + text + "}" : text;
    }

    /// <summary>Seconds since 1970.</summary>
    public static string Seconds()
    {
        return (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);
    }

    /// <summary>The moment, in UTC.</summary>
    public static string Now()
    {
        return DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
    }
}

// -- the experiment ---------------------------------------------------------------------------------------------------

struct Row { public double Length, Width; }

struct Fit { public double Loss, BySlope, ByIntercept; }

/// <summary>The stream, and what was logged, for the document.</summary>
class Run
{
    class Column { public readonly List<string> Values = new List<string>(), Steps = new List<string>(), Times = new List<string>(); }

    readonly Dictionary<string, Column> columns = new Dictionary<string, Column>();
    readonly StreamWriter stream;

    public Run(string path) { stream = new StreamWriter(path, false, new UTF8Encoding(false)) { AutoFlush = true }; }

    /// <summary>Write one line at once.</summary>
    public void Write(string record) { stream.Write(record + "\n"); }

    public void Close() { stream.Close(); }

    public void Log(string kind, string name, string value, int step)
    {
        string time = Json.Seconds();
        Write("{\"step\": " + step + ", \"time\": " + time + ", \"" + kind + "\": {\"" + name + "\": " + value + "}}");
        if (!columns.ContainsKey(name)) columns[name] = new Column();
        columns[name].Values.Add(value);
        columns[name].Steps.Add(step.ToString(CultureInfo.InvariantCulture));
        columns[name].Times.Add(time);
    }

    public string ColumnOf(string name)
    {
        Column column = columns[name];
        return Json.Quoted(name) + ": {\"values\": [" + string.Join(", ", column.Values) + "], \"steps\": ["
            + string.Join(", ", column.Steps) + "], \"times\": [" + string.Join(", ", column.Times) + "]}";
    }
}

static class Iris
{
    /// <summary>The mean square of the errors, and its derivatives by slope and intercept.</summary>
    static Fit FitOf(List<Row> rows, double slope, double intercept)
    {
        var sum = new Fit();
        foreach (Row row in rows)
        {
            double error = slope * row.Length + intercept - row.Width;
            sum.Loss += error * error;
            sum.BySlope += 2 * error * row.Length;
            sum.ByIntercept += 2 * error;
        }
        return new Fit { Loss = sum.Loss / rows.Count, BySlope = sum.BySlope / rows.Count, ByIntercept = sum.ByIntercept / rows.Count };
    }

    /// <summary>The curve of the finite losses as SVG, on a logarithmic axis.</summary>
    static string Drawn(List<double> losses)
    {
        List<double> logs = losses.Select(Math.Log10).Where(height => !double.IsNaN(height) && !double.IsInfinity(height)).ToList();
        double low = logs.Min(), high = logs.Max();
        IEnumerable<string> points = logs.Select((height, index) => string.Format(CultureInfo.InvariantCulture, "{0:F2},{1:F2}",
            300.0 * index / logs.Count, 10 + 180 * (high - height) / (high - low)));
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"><polyline points=\""
            + string.Join(" ", points) + "\" fill=\"none\" stroke=\"black\"/></svg>\n";
    }

    static int Main(string[] arguments)
    {
        string variant = arguments[0], folder = arguments[2], id = "csharp-" + variant;
        double rate = variant == "diverge" ? 10 : 0.02, slope = 0, intercept = 0;
        int epochs = variant == "diverge" ? 150 : 100, code = 0;

        List<Row> train = new List<Row>(), heldOut = new List<Row>();
        string[] lines = File.ReadAllLines(arguments[1]);
        for (int index = 0; index < lines.Length - 1; index++)
        {
            string[] cells = lines[index + 1].Split(',');
            (index % 5 == 0 ? heldOut : train).Add(new Row {
                Length = double.Parse(cells[2], CultureInfo.InvariantCulture),
                Width = double.Parse(cells[3], CultureInfo.InvariantCulture),
            });
        }

        MethodInfo version = Type.GetType("Mono.Runtime").GetMethod("GetDisplayName", BindingFlags.NonPublic | BindingFlags.Static);
        string first = "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": " + Json.Quoted(id)
            + ", \"name\": " + Json.Quoted("Petals of irises in C#: " + variant) + ", \"started_at\": \"" + Json.Now() + "\""
            + ", \"tags\": [\"languages\", " + Json.Quoted("say \"hi\" \\ 🦉\n\a") + "]"
            + ", \"parameters\": {\"rate\": " + Json.Tagged(rate) + ", \"epochs\": " + epochs + ", \"big\": " + 9007199254740993
            + ", \"note\": " + Json.Quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \u0001") + "}"
            + ", \"source\": {\"language\": \"C#\", \"script\": \"iris.cs\"}"
            + ", \"environment\": {\"version\": " + Json.Quoted("Mono " + version.Invoke(null, null)) + "}";
        var run = new Run(Path.Combine(folder, id + ".run.jsonl"));
        run.Write("{" + first + ", \"status\": \"running\"}");

        string last;
        var losses = new List<double>();
        try
        {
            for (int epoch = 1; epoch <= epochs; epoch++)
            {
                Fit found = FitOf(train, slope, intercept);
                losses.Add(found.Loss);
                run.Log("series", "train/loss", Json.Point(found.Loss), epoch);
                if (epoch % 10 == 0)
                {
                    run.Log("series", "validation/loss", Json.Point(FitOf(heldOut, slope, intercept).Loss), epoch);
                    string text = string.Format(CultureInfo.InvariantCulture, "epoch {0}: loss {1:G6}", epoch, found.Loss);
                    run.Log("text", "log", Json.Quoted(text), epoch);
                }
                if (variant == "fail" && epoch == 50) File.ReadAllBytes(Path.Combine(folder, "no-such-checkpoint"));
                slope -= rate * found.BySlope;
                intercept -= rate * found.ByIntercept;
            }
            File.WriteAllText(Path.Combine(folder, id + "-loss.svg"), Drawn(losses));
            byte[] model = Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, "{0:R} {1:R}\n", slope, intercept));
            File.WriteAllBytes(Path.Combine(folder, id + "-model.txt"), model);
            string digest;
            using (SHA256 sha256 = SHA256.Create()) digest = string.Concat(sha256.ComputeHash(model).Select(part => part.ToString("x2")));
            last = "\"status\": \"succeeded\", \"properties\": {\"slope\": " + Json.Tagged(slope) + ", \"intercept\": " + Json.Tagged(intercept)
                + "}, \"images\": {\"loss\": {\"path\": " + Json.Quoted(id + "-loss.svg") + ", \"media_type\": \"image/svg+xml\"}}"
                + ", \"artifacts\": {\"model\": {\"path\": " + Json.Quoted(id + "-model.txt") + ", \"bytes\": " + model.Length
                + ", \"sha256\": \"" + digest + "\"}}";
        }
        catch (IOException error)
        {
            code = 1;
            last = "\"status\": \"failed\", \"error\": {\"type\": " + Json.Quoted(error.GetType().FullName)
                + ", \"message\": " + Json.Quoted(error.Message) + "}";
        }
        last += ", \"ended_at\": \"" + Json.Now() + "\"";
        run.Write("{" + last + "}");
        run.Close();
        File.WriteAllText(Path.Combine(folder, id + ".run.json"), "{" + first + ",\n \"series\": {" + run.ColumnOf("train/loss")
            + ",\n  " + run.ColumnOf("validation/loss") + "},\n \"text\": {" + run.ColumnOf("log") + "},\n " + last + "}\n");
        return code;
    }
}
