// Fit a line to the petals of irises, tracked by print statements: the standard library alone.
//
// iris fit|diverge|fail DATA FOLDER

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

// A text between its quotes.
std::string quoted(const std::string &text) {
    std::string result = "\"";
    for (unsigned char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (c < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", c);
            result += escape;
        } else {
            result += c;
        }
    }
    return result + '"';
}

// A number of a series, with all its digits in any locale; JSON has no NaN and no infinities.
std::string point(double value) {
    if (!std::isfinite(value)) return std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

// The same as a property or parameter.
std::string tagged(double value) {
    return std::isfinite(value) ? point(value) : "{\"$float\": " + point(value) + "}";
}

// Seconds since 1970, and the moment in UTC.
double seconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() / 1e3;
}

std::string now() {
    char text[32];
    std::time_t time = std::time(nullptr);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time))};
}

// -- the experiment ---------------------------------------------------------------------------------------------------

struct Row { double length, width; };
struct Fit { double loss = 0, by_slope = 0, by_intercept = 0; };

// The mean square of the errors, and its derivatives by slope and intercept.
Fit fit(const std::vector<Row> &rows, double slope, double intercept) {
    Fit sum;
    for (const Row &row : rows) {
        double error = slope * row.length + intercept - row.width;
        sum.loss += error * error;
        sum.by_slope += 2 * error * row.length;
        sum.by_intercept += 2 * error;
    }
    double count = rows.size();
    return {sum.loss / count, sum.by_slope / count, sum.by_intercept / count};
}

// The curve of the finite losses as SVG, on a logarithmic axis.
std::string drawn(const std::vector<double> &losses) {
    std::vector<double> logs;
    for (double loss : losses)
        if (std::isfinite(loss)) logs.push_back(std::log10(loss));
    auto [low, high] = std::minmax_element(logs.begin(), logs.end());
    std::ostringstream svg;
    svg << R"(<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points=")";
    for (std::size_t i = 0; i < logs.size(); i++)
        svg << 300.0 * i / logs.size() << ',' << 10 + 180 * (*high - logs[i]) / (*high - *low) << ' ';
    svg << "\" fill=\"none\" stroke=\"black\"/></svg>\n";
    return svg.str();
}

// The SHA-256 of a file. The library has none.
std::string digest(const std::filesystem::path &path) {
    std::string name = path.string(), digits(64, ' ');
    for (std::size_t at = 0; (at = name.find('\'', at)) != std::string::npos; at += 4) name.replace(at, 1, "'\\''");
    std::unique_ptr<std::FILE, int (*)(std::FILE *)> sum(popen(("sha256sum < '" + name + "'").c_str(), "r"), pclose);
    if (!sum || std::fread(digits.data(), 1, 64, sum.get()) != 64) throw std::runtime_error("sha256sum failed");
    return digits;
}

// The columns of the document, and the stream.
class Run {
    struct Column { std::string values, steps, times; };
    std::map<std::string, std::map<std::string, Column>> kinds;
    std::ofstream stream;

public:
    explicit Run(const std::filesystem::path &path) : stream(path) { stream.exceptions(std::ios::failbit | std::ios::badbit); }

    // Write one line at once.
    void write(const std::string &record) { stream << record + '\n' << std::flush; }

    void log(const std::string &kind, const std::string &name, const std::string &value, int epoch) {
        std::string time = point(seconds()), step = std::to_string(epoch);
        write("{\"step\": " + step + ", \"time\": " + time + ", \"" + kind + "\": {\"" + name + "\": " + value + "}}");
        Column &column = kinds[kind][name];
        std::string comma = column.steps.empty() ? "" : ", ";
        column.values += comma + value;
        column.steps += comma + step;
        column.times += comma + time;
    }

    // All that was logged, as members of the document.
    std::string columns() const {
        std::string result;
        for (const auto &[kind, names] : kinds) {
            std::string comma = "\"" + kind + "\": {\n  ";
            for (const auto &[name, column] : names) {
                result += comma + quoted(name) + ": {\"values\": [" + column.values + "], \"steps\": [" + column.steps +
                          "], \"times\": [" + column.times + "]}";
                comma = ",\n  ";
            }
            result += "},\n ";
        }
        return result;
    }
};

int main(int count, char **arguments) {
    if (count != 4) {
        std::cerr << "iris fit|diverge|fail DATA FOLDER\n";
        return 2;
    }
    std::string variant = arguments[1], id = "cpp-" + variant;
    std::filesystem::path folder = arguments[3];
    double rate = variant == "diverge" ? 10 : 0.02, slope = 0, intercept = 0;
    int epochs = variant == "diverge" ? 150 : 100;

    std::vector<Row> train, held_out;
    std::ifstream data(arguments[2]);
    std::string line;
    if (!std::getline(data, line)) {
        std::cerr << "cannot read " << arguments[2] << '\n';
        return 2;
    }
    for (int index = 0; std::getline(data, line); index++) {
        std::istringstream cells(line);
        Row row;
        char comma;
        double skipped;
        cells >> skipped >> comma >> skipped >> comma >> row.length >> comma >> row.width;
        (index % 5 ? train : held_out).push_back(row);
    }

    std::ostringstream first, last;
    first << R"("runjson": "1.0", "project": "languages", "id": )" << quoted(id) << R"(, "name": )"
          << quoted("Petals of irises in C++: " + variant) << R"(, "started_at": ")" << now() << R"(", "tags": ["languages", )"
          << quoted("say \"hi\" \\ \U0001F989\n\a") << R"(], "parameters": {"rate": )" << tagged(rate) << R"(, "epochs": )"
          << epochs << R"(, "big": )" << 9007199254740993 << R"(, "note": )"
          << quoted("He said: \"5 \\ 3\"\n\tna\u00efve \U0001F989 \x01") << R"(}, "source": {"language": "C++", "script": "iris.cpp"})"
          << R"(, "environment": {"version": )" << quoted(__VERSION__) << "}";
    Run run(folder / (id + ".run.jsonl"));
    run.write("{" + first.str() + ", \"status\": \"running\"}");

    int code = 0;
    std::vector<double> losses;
    try {
        for (int epoch = 1; epoch <= epochs; epoch++) {
            Fit found = fit(train, slope, intercept);
            losses.push_back(found.loss);
            run.log("series", "train/loss", point(found.loss), epoch);
            if (epoch % 10 == 0) {
                run.log("series", "validation/loss", point(fit(held_out, slope, intercept).loss), epoch);
                std::ostringstream text;
                text << "epoch " << epoch << ": loss " << found.loss;
                run.log("text", "log", quoted(text.str()), epoch);
            }
            if (variant == "fail" && epoch == 50) {
                auto path = folder / "no-such-checkpoint";
                std::string checkpoint(std::filesystem::file_size(path), '\0');
                std::ifstream(path).read(checkpoint.data(), checkpoint.size());
            }
            slope -= rate * found.by_slope;
            intercept -= rate * found.by_intercept;
        }
        std::ofstream(folder / (id + "-loss.svg")) << drawn(losses);
        auto path = folder / (id + "-model.txt");
        std::string model = point(slope) + " " + point(intercept) + "\n";
        model.erase(std::remove(model.begin(), model.end(), '"'), model.end());
        std::ofstream(path) << model;
        last << R"("status": "succeeded", "properties": {"slope": )" << tagged(slope) << R"(, "intercept": )" << tagged(intercept)
             << R"(}, "images": {"loss": {"path": )" << quoted(id + "-loss.svg") << R"(, "media_type": "image/svg+xml"}})"
             << R"(, "artifacts": {"model": {"path": )" << quoted(id + "-model.txt") << R"(, "bytes": )" << model.size()
             << R"(, "sha256": ")" << digest(path) << "\"}}";
    } catch (const std::filesystem::filesystem_error &error) {
        code = 1;
        last << R"("status": "failed", "error": {"type": "std::filesystem::filesystem_error", "message": )" << quoted(error.what()) << "}";
    }
    last << R"(, "ended_at": ")" << now() << '"';
    run.write("{" + last.str() + "}");
    std::ofstream(folder / (id + ".run.json")) << "{" << first.str() << ",\n " << run.columns() << last.str() << "}\n";
    return code;
}
