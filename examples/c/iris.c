/* Fit a line to the petals of irises, tracked by print statements: the C library, and sha256sum.
 *
 * iris fit|diverge|fail DATA FOLDER
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- to copy: texts, numbers, and times. They return new memory; this program keeps it until it ends. ------------- */

/* What printf prints. */
static char *format(const char *template, ...) {
    char *text;
    va_list values;
    va_start(values, template);
    if (vasprintf(&text, template, values) < 0)
        err(2, "vasprintf");
    va_end(values);
    return text;
}

/* A text between its quotes. */
static char *quoted(const char *text) {
    char *result = malloc(6 * strlen(text) + 3), *end = stpcpy(result, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        end += sprintf(end, *c < 0x20 ? "\\u%04x" : *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    stpcpy(end, "\"");
    return result;
}

/* A number of a series; JSON has no NaN and no infinities. A program that calls setlocale keeps LC_NUMERIC at "C". */
static char *point(double value) {
    if (isfinite(value))
        return format("%.17g", value);
    return quoted(isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

/* The same as a property or parameter. */
static char *tagged(double value) {
    return isfinite(value) ? point(value) : format("{\"$float\": %s}", point(value));
}

/* Seconds since 1970, to be printed with %.3f. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The moment, in UTC. */
static char *now(void) {
    char text[32];
    time_t now = time(NULL);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    return quoted(text);
}

/* -- the experiment ----------------------------------------------------------------------------------------------- */

enum { TRAIN = 120, HELD_OUT = 30, MOST = 150 };
struct row { double length, width; };
struct fit { double loss, by_slope, by_intercept; };

/* What was logged under one name, as it was printed, for the document. */
struct column { const char *kind, *name; char *values, *steps, *times; };

static void append(char **list, const char *entry) {
    char *longer = *list ? format("%s, %s", *list, entry) : strdup(entry);
    free(*list);
    *list = longer;
}

/* Write a line of the stream at once, and keep the point. */
static void log_point(FILE *stream, struct column *column, int epoch, const char *value) {
    char *step = format("%d", epoch), *time = format("%.3f", seconds());
    fprintf(stream, "{\"step\": %s, \"time\": %s, \"%s\": {\"%s\": %s}}\n",
            step, time, column->kind, column->name, value);
    fflush(stream);
    append(&column->values, value);
    append(&column->steps, step);
    append(&column->times, time);
}

static char *lists(const struct column *column) {
    return format("\"%s\": {\"values\": [%s], \"steps\": [%s], \"times\": [%s]}",
                  column->name, column->values, column->steps, column->times);
}

/* The mean square of the errors, and its derivatives by slope and intercept. */
static struct fit fit(const struct row *rows, int count, double slope, double intercept) {
    struct fit sum = {0, 0, 0};
    for (int i = 0; i < count; i++) {
        double error = slope * rows[i].length + intercept - rows[i].width;
        sum.loss += error * error;
        sum.by_slope += 2 * error * rows[i].length;
        sum.by_intercept += 2 * error;
    }
    return (struct fit){sum.loss / count, sum.by_slope / count, sum.by_intercept / count};
}

/* The curve of the logarithms of the losses, which only fall or only rise, as SVG. */
static void draw(FILE *out, const double *heights, int count) {
    double low = fmin(heights[0], heights[count - 1]), high = fmax(heights[0], heights[count - 1]);
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"><polyline points=\"", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "%.2f,%.2f ", 300.0 * i / count, 10 + 180 * (high - heights[i]) / (high - low));
    fputs("\" fill=\"none\" stroke=\"black\"/></svg>\n", out);
    fclose(out);
}

static FILE *opened(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (!file)
        err(2, "%s", path);
    return file;
}

int main(int count, char **arguments) {
    if (count != 4)
        errx(2, "fit|diverge|fail DATA FOLDER");
    static struct row train[TRAIN], held_out[HELD_OUT];
    FILE *data = opened(arguments[2], "r");
    fscanf(data, "%*s");
    for (int i = 0; i < TRAIN + HELD_OUT; i++) {
        struct row *row = i % 5 ? &train[i - i / 5 - 1] : &held_out[i / 5];
        if (fscanf(data, "%*f,%*f,%lf,%lf,%*s", &row->length, &row->width) != 2)
            errx(2, "%s: flower %d has no petals", arguments[2], i + 1);
    }
    if (chdir(arguments[3]) != 0)
        err(2, "%s", arguments[3]);
    const char *variant = arguments[1], *id = format("c-%s", variant);
    int diverges = strcmp(variant, "diverge") == 0, epochs = diverges ? 150 : 100, drawn = 0, error = 0;
    double rate = diverges ? 10 : 0.02, slope = 0, intercept = 0, heights[MOST];

    char *first = format(
        "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": %s, \"name\": %s, \"started_at\": %s, "
        "\"tags\": [\"languages\", %s], \"parameters\": {\"rate\": %s, \"epochs\": %d, \"big\": %lld, \"note\": %s}, "
        "\"source\": {\"language\": \"C\", \"script\": \"iris.c\"}, \"environment\": {\"version\": %s}",
        quoted(id), quoted(format("Petals of irises in C: %s", variant)), now(), quoted("say \"hi\" \\ \U0001F989\n\a"),
        tagged(rate), epochs, 9007199254740993LL, quoted("He said: \"5 \\ 3\"\n\tna\u00efve \U0001F989 \x01"),
        quoted(__VERSION__));
    FILE *stream = opened(format("%s.run.jsonl", id), "w");
    fprintf(stream, "{%s, \"status\": \"running\"}\n", first);
    fflush(stream);

    struct column train_loss = {"series", "train/loss", NULL, NULL, NULL}, text = {"text", "log", NULL, NULL, NULL};
    struct column validation_loss = {"series", "validation/loss", NULL, NULL, NULL};
    for (int epoch = 1; epoch <= epochs && !error; epoch++) {
        struct fit found = fit(train, TRAIN, slope, intercept);
        log_point(stream, &train_loss, epoch, point(found.loss));
        if (isfinite(found.loss))
            heights[drawn++] = log10(found.loss);
        if (epoch % 10 == 0) {
            log_point(stream, &validation_loss, epoch, point(fit(held_out, HELD_OUT, slope, intercept).loss));
            log_point(stream, &text, epoch, quoted(format("epoch %d: loss %.6g", epoch, found.loss)));
        }
        if (strcmp(variant, "fail") == 0 && epoch == 50 && access("no-such-checkpoint", R_OK) != 0)
            error = errno;
        slope -= rate * found.by_slope;
        intercept -= rate * found.by_intercept;
    }

    char *last, digest[65] = "";
    if (error) {
        last = format("\"status\": \"failed\", \"error\": {\"type\": \"errno %d\", \"message\": %s}",
            error, quoted(format("no-such-checkpoint: %s", strerror(error))));
    } else {
        draw(opened(format("%s-loss.svg", id), "w"), heights, drawn);
        FILE *model = opened(format("%s-model.txt", id), "w");
        int bytes = fprintf(model, "%.17g %.17g\n", slope, intercept);
        fclose(model);
        FILE *sum = popen(format("sha256sum %s-model.txt", id), "r");
        if (!sum || fscanf(sum, "%64s", digest) != 1 || pclose(sum) != 0)
            errx(2, "sha256sum failed");
        last = format("\"status\": \"succeeded\", \"properties\": {\"slope\": %s, \"intercept\": %s}, "
            "\"images\": {\"loss\": {\"path\": \"%s-loss.svg\", \"media_type\": \"image/svg+xml\"}}, "
            "\"artifacts\": {\"model\": {\"path\": \"%s-model.txt\", \"bytes\": %d, \"sha256\": \"%s\"}}",
            tagged(slope), tagged(intercept), id, id, bytes, digest);
    }
    last = format("%s, \"ended_at\": %s", last, now());
    fprintf(stream, "{%s}\n", last);
    fprintf(opened(format("%s.run.json", id), "w"), "{%s,\n \"series\": {%s,\n  %s},\n \"text\": {%s},\n %s}\n",
            first, lists(&train_loss), lists(&validation_loss), lists(&text), last);
    return error ? 1 : 0;
}
