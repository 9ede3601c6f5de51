// Fit a line to the petals of irises, tracked by print statements: the standard library, and sha256sum.
//
// iris fit|diverge|fail DATA FOLDER

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using std::string;

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

// A text between its quotes.
string quote(const string &text) {
    string result = "\"";
    for (unsigned char c : text) {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, c < 0x20 ? "\\u%04x" : c == '"' || c == '\\' ? "\\%c" : "%c", c);
        result += escaped;
    }
    return result + '"';
}

// A number of a series, with all its digits in any locale; JSON has no NaN and no infinities.
string point(double value) {
    if (!std::isfinite(value)) return std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

// The same as a property or parameter.
string tagged(double value) { return std::isfinite(value) ? point(value) : "{\"$float\": " + point(value) + "}"; }

// Seconds since 1970, and the moment in UTC.
double seconds() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

string now() {
    char text[32];
    std::time_t time = std::time(nullptr);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time))};
}

// -- the experiment ---------------------------------------------------------------------------------------------------

// Write one line of the stream at once.
void write_line(std::ostream &stream, const string &line) { stream << line + '\n' << std::flush; }

// What was logged under one name, as it was printed, for the document.
struct Column {
    std::ostream &stream;
    string kind, name, values = "", steps = "", times = "";

    void log(int epoch, const string &value) {
        string step = std::to_string(epoch), time = point(seconds()), comma = steps.empty() ? "" : ", ";
        write_line(stream, R"({"step": )" + step + R"(, "time": )" + time +
                               R"(, ")" + kind + R"(": {")" + name + R"(": )" + value + "}}");
        values += comma + value;
        steps += comma + step;
        times += comma + time;
    }

    string lists() const {
        return quote(name) + R"(: {"values": [)" + values + R"(], "steps": [)" + steps +
               R"(], "times": [)" + times + "]}";
    }
};

struct Row { double length, width; };

// The mean square of the errors, and its derivatives by slope and intercept.
std::array<double, 3> fit(const std::vector<Row> &rows, double slope, double intercept) {
    double loss = 0, by_slope = 0, by_intercept = 0, count = rows.size();
    for (const Row &row : rows) {
        double error = slope * row.length + intercept - row.width;
        loss += error * error;
        by_slope += 2 * error * row.length;
        by_intercept += 2 * error;
    }
    return {loss / count, by_slope / count, by_intercept / count};
}

// The curve of the logarithms of the losses, as SVG.
void draw(std::ofstream svg, const std::vector<double> &heights) {
    auto [low, high] = std::minmax_element(heights.begin(), heights.end());
    svg << R"(<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points=")";
    for (std::size_t i = 0; i < heights.size(); i++)
        svg << 300.0 * i / heights.size() << ',' << 10 + 180 * (*high - heights[i]) / (*high - *low) << ' ';
    svg << R"(" fill="none" stroke="black"/></svg>)" << '\n';
}

int main(int count, char **arguments) {
    std::ifstream data(count == 4 ? arguments[2] : "");
    string line;
    if (!std::getline(data, line)) {
        std::fputs("iris fit|diverge|fail DATA FOLDER\n", stderr);
        return 2;
    }
    std::vector<Row> train, held_out;
    for (int index = 0; std::getline(data, line); index++) {
        Row row;
        std::sscanf(line.c_str(), "%*f,%*f,%lf,%lf", &row.length, &row.width);
        (index % 5 ? train : held_out).push_back(row);
    }
    std::filesystem::current_path(arguments[3]);
    string variant = arguments[1], id = "cpp-" + variant;
    double rate = variant == "diverge" ? 10 : 0.02, slope = 0, intercept = 0;
    int epochs = variant == "diverge" ? 150 : 100;

    string first = R"("runjson": "1.0", "project": "languages", "id": )" + quote(id) +
                   R"(, "name": )" + quote("Petals of irises in C++: " + variant) +
                   R"(, "started_at": )" + quote(now()) +
                   R"(, "tags": ["languages", )" + quote("say \"hi\" \\ \U0001F989\n\a") +
                   R"(], "parameters": {"rate": )" + tagged(rate) + R"(, "epochs": )" + std::to_string(epochs) +
                   R"(, "big": )" + std::to_string(9007199254740993) +
                   R"(, "note": )" + quote("He said: \"5 \\ 3\"\n\tna\u00efve \U0001F989 \x01") +
                   R"(}, "source": {"language": "C++", "script": "iris.cpp"})" +
                   R"(, "environment": {"version": )" + quote(__VERSION__) + "}";
    std::ofstream stream(id + ".run.jsonl");
    stream.exceptions(std::ios::failbit | std::ios::badbit);
    write_line(stream, "{" + first + R"(, "status": "running"})");

    Column train_loss{stream, "series", "train/loss"}, validation_loss{stream, "series", "validation/loss"};
    Column log{stream, "text", "log"};
    std::vector<double> heights;
    string last;
    char text[80];
    int code = 0;
    try {
        for (int epoch = 1; epoch <= epochs; epoch++) {
            auto [loss, by_slope, by_intercept] = fit(train, slope, intercept);
            train_loss.log(epoch, point(loss));
            if (std::isfinite(loss)) heights.push_back(std::log10(loss));
            if (epoch % 10 == 0) {
                validation_loss.log(epoch, point(fit(held_out, slope, intercept)[0]));
                std::snprintf(text, sizeof text, "epoch %d: loss %g", epoch, loss);
                log.log(epoch, quote(text));
            }
            if (variant == "fail" && epoch == 50) std::filesystem::copy_file("no-such-checkpoint", "checkpoint");
            slope -= rate * by_slope;
            intercept -= rate * by_intercept;
        }
        string image = id + "-loss.svg", model = id + "-model.txt";
        draw(std::ofstream(image), heights);
        int bytes = std::snprintf(text, sizeof text, "%.17g %.17g\n", slope, intercept);
        std::ofstream(model) << text;
        std::FILE *sum = popen(("sha256sum " + model).c_str(), "r");
        if (!sum || std::fscanf(sum, "%64s", text) != 1 || pclose(sum) != 0) throw std::runtime_error("no sha256sum");
        last = R"("status": "succeeded")"
               R"(, "properties": {"slope": )" + tagged(slope) + R"(, "intercept": )" + tagged(intercept) +
               R"(}, "images": {"loss": {"path": )" + quote(image) + R"(, "media_type": "image/svg+xml"})" +
               R"(}, "artifacts": {"model": {"path": )" + quote(model) + R"(, "sha256": )" + quote(text) +
               R"(, "bytes": )" + std::to_string(bytes) + "}}";
    } catch (const std::filesystem::filesystem_error &error) {
        code = 1;
        last = R"("status": "failed", "error": {"type": "filesystem_error", "message": )" + quote(error.what()) + "}";
    }
    last += R"(, "ended_at": )" + quote(now());
    write_line(stream, "{" + last + "}");
    std::ofstream(id + ".run.json") << "{" << first << ",\n \"series\": {" << train_loss.lists() << ",\n  "
        << validation_loss.lists() << "},\n \"text\": {" << log.lists() << "},\n " << last << "}\n";
    return code;
}
