import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Fit a line to the petals of irises, tracked by print statements: the class library alone.
 *
 * <p>java Iris fit|diverge|fail DATA FOLDER
 */
public final class Iris {
    // -- to copy: texts, numbers, and times ---------------------------------------------------------------------------

    /** A text between its quotes. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** A number of a series; JSON has no NaN and no infinities. */
    static String point(double value) {
        return Double.isFinite(value) ? Double.toString(value) : '"' + Double.toString(value) + '"';
    }

    /** The same as a property or parameter. */
    static String tagged(double value) {
        return Double.isFinite(value) ? point(value) : "{\"$float\": " + point(value) + "}";
    }

    /** Seconds since 1970. */
    static String seconds() {
        return String.format(Locale.ROOT, "%.3f", System.currentTimeMillis() / 1000.0);
    }

    /** The moment, in UTC. */
    static String now() {
        return Instant.now().toString();
    }

    // -- the experiment -----------------------------------------------------------------------------------------------

    record Row(double length, double width) {}

    record Fit(double loss, double bySlope, double byIntercept) {}

    /** What was logged under one name, for the document. */
    record Column(List<String> values, List<String> steps, List<String> times) {
        @Override
        public String toString() {
            return "{\"values\": " + values + ", \"steps\": " + steps + ", \"times\": " + times + "}";
        }
    }

    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final OutputStream stream;

    private Iris(Path path) throws IOException {
        stream = Files.newOutputStream(path);
    }

    /** Write one line at once; this stream has no buffer. */
    private void write(String record) throws IOException {
        stream.write((record + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void log(String kind, String name, String value, int step) throws IOException {
        String time = seconds();
        write("{\"step\": " + step + ", \"time\": " + time + ", \"" + kind + "\": {\"" + name + "\": " + value + "}}");
        Column column = columns.computeIfAbsent(name, n -> new Column(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
        column.values.add(value);
        column.steps.add(Integer.toString(step));
        column.times.add(time);
    }

    /** The mean square of the errors, and its derivatives by slope and intercept. */
    static Fit fit(List<Row> rows, double slope, double intercept) {
        double loss = 0;
        double bySlope = 0;
        double byIntercept = 0;
        for (Row row : rows) {
            double error = slope * row.length + intercept - row.width;
            loss += error * error;
            bySlope += 2 * error * row.length;
            byIntercept += 2 * error;
        }
        return new Fit(loss / rows.size(), bySlope / rows.size(), byIntercept / rows.size());
    }

    /** The curve of the finite losses as SVG, on a logarithmic axis. */
    static String drawn(List<Double> losses) {
        double[] logs = losses.stream().filter(Double::isFinite).mapToDouble(Math::log10).toArray();
        double low = Arrays.stream(logs).min().getAsDouble();
        double high = Arrays.stream(logs).max().getAsDouble();
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < logs.length; i++) {
            double y = 10 + 180 * (high - logs[i]) / (high - low);
            points.append(String.format(Locale.ROOT, "%.2f,%.2f ", 300.0 * i / logs.length, y));
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"><polyline points=\"" + points
                + "\" fill=\"none\" stroke=\"black\"/></svg>\n";
    }

    public static void main(String[] arguments) throws Exception {
        String variant = arguments[0];
        Path folder = Path.of(arguments[2]);
        double rate = variant.equals("diverge") ? 10 : 0.02;
        int epochs = variant.equals("diverge") ? 150 : 100;
        String id = "java-" + variant;

        List<Row> train = new ArrayList<>();
        List<Row> heldOut = new ArrayList<>();
        List<String> lines = Files.readAllLines(Path.of(arguments[1]));
        for (int index = 0; index < lines.size() - 1; index++) {
            String[] cells = lines.get(index + 1).split(",");
            Row row = new Row(Double.parseDouble(cells[2]), Double.parseDouble(cells[3]));
            (index % 5 == 0 ? heldOut : train).add(row);
        }

        String first = "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": " + quoted(id)
                + ", \"name\": " + quoted("Petals of irises in Java: " + variant) + ", \"started_at\": \"" + now() + "\""
                + ", \"tags\": [\"languages\", " + quoted("say \"hi\" \\ 🦉\n\007") + "]"
                + ", \"parameters\": {\"rate\": " + tagged(rate) + ", \"epochs\": " + epochs
                + ", \"big\": " + 9007199254740993L + ", \"note\": " + quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \001") + "}"
                + ", \"source\": {\"language\": \"Java\", \"script\": \"Iris.java\"}"
                + ", \"environment\": {\"version\": " + quoted(Runtime.version().toString()) + "}";
        Iris run = new Iris(folder.resolve(id + ".run.jsonl"));
        run.write("{" + first + ", \"status\": \"running\"}");

        List<Double> losses = new ArrayList<>();
        double slope = 0;
        double intercept = 0;
        String last;
        int code = 0;
        try {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                Fit found = fit(train, slope, intercept);
                losses.add(found.loss);
                run.log("series", "train/loss", point(found.loss), epoch);
                if (epoch % 10 == 0) {
                    run.log("series", "validation/loss", point(fit(heldOut, slope, intercept).loss), epoch);
                    String text = String.format(Locale.ROOT, "epoch %d: loss %.6g", epoch, found.loss);
                    run.log("text", "log", quoted(text), epoch);
                }
                if (variant.equals("fail") && epoch == 50) {
                    Files.readAllBytes(folder.resolve("no-such-checkpoint"));
                }
                slope -= rate * found.bySlope;
                intercept -= rate * found.byIntercept;
            }
            Files.writeString(folder.resolve(id + "-loss.svg"), drawn(losses));
            byte[] model = (slope + " " + intercept + "\n").getBytes(StandardCharsets.UTF_8);
            Files.write(folder.resolve(id + "-model.txt"), model);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(model);
            last = "\"status\": \"succeeded\", \"properties\": {\"slope\": " + tagged(slope) + ", \"intercept\": " + tagged(intercept)
                    + "}, \"images\": {\"loss\": {\"path\": " + quoted(id + "-loss.svg") + ", \"media_type\": \"image/svg+xml\"}}"
                    + ", \"artifacts\": {\"model\": {\"path\": " + quoted(id + "-model.txt") + ", \"bytes\": " + model.length
                    + ", \"sha256\": \"" + String.format(Locale.ROOT, "%064x", new BigInteger(1, digest)) + "\"}}";
        } catch (IOException error) {
            code = 1;
            last = "\"status\": \"failed\", \"error\": {\"type\": " + quoted(error.getClass().getName())
                    + ", \"message\": " + quoted(String.valueOf(error.getMessage())) + "}";
        }
        last += ", \"ended_at\": \"" + now() + "\"";
        run.write("{" + last + "}");
        run.stream.close();
        Files.writeString(folder.resolve(id + ".run.json"), "{" + first
                + ",\n \"series\": {\"train/loss\": " + run.columns.get("train/loss")
                + ",\n  \"validation/loss\": " + run.columns.get("validation/loss") + "},\n \"text\": {\"log\": " + run.columns.get("log")
                + "},\n " + last + "}\n");
        System.exit(code);
    }
}
