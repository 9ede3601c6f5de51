// Fits a line by gradient descent, and writes each epoch as it ends.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

// A number of a series; JSON has no NaN and no infinities.
static std::string number(double value) {
    if (std::isnan(value)) return "\"NaN\"";
    if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

static double seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

static std::string moment() {
    const std::time_t now = std::time(nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
    return text;
}

int main(int, char** given) {
    const std::string id = given[1], folder = given[2];
    const double rate = 0.02;
    const int epochs = 200;

    std::vector<double> lengths, widths;
    std::ifstream data(folder + "/data/train.csv");
    double length, width;
    for (char comma; data >> length >> comma >> width;) {
        lengths.push_back(length);
        widths.push_back(width);
    }

    std::FILE* stream = std::fopen((folder + "/train.run.jsonl").c_str(), "w");
    const auto line = [stream](const std::string& record) {
        std::fputs((record + "\n").c_str(), stream);
        std::fflush(stream);
    };
    line("{\"runjson\":\"1.0\",\"project\":\"languages\",\"id\":\"" + id + "\",\"writer\":\"train\",\"status\":\"running\"," +
         "\"started_at\":\"" + moment() + "\",\"parameters\":{\"rate\":" + number(rate) + ",\"epochs\":" +
         std::to_string(epochs) + "}}");
    line("{\"series\":{\"train/loss\":{\"values\":[],\"goal\":\"minimize\"}}}");

    double slope = 0, intercept = 0;
    const auto rows = static_cast<double>(lengths.size());
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        double loss = 0, by_slope = 0, by_intercept = 0;
        for (std::size_t row = 0; row < lengths.size(); ++row) {
            const double error = slope * lengths[row] + intercept - widths[row];
            loss += error * error;
            by_slope += 2 * error * lengths[row];
            by_intercept += 2 * error;
        }
        line("{\"step\":" + std::to_string(epoch) + ",\"time\":" + number(seconds()) + ",\"series\":{\"train/loss\":" +
             number(loss / rows) + "}}");
        slope -= rate * by_slope / rows;
        intercept -= rate * by_intercept / rows;
    }

    std::ofstream(folder + "/model.txt") << number(slope) << " " << number(intercept) << "\n";
    line("{\"artifacts\":{\"model\":{\"path\":\"model.txt\",\"metadata\":{\"kind\":\"model\"}}},\"status\":\"succeeded\"," +
         std::string("\"ended_at\":\"") + moment() + "\"}");
    return std::fclose(stream);
}
