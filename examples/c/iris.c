/* Fit a line to the petals of irises, tracked by print statements: the C library alone.
 *
 * iris fit|diverge|fail DATA FOLDER
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- to copy: texts, numbers, and times --------------------------------------------------------------------------- */

/* A text between its quotes. */
static void put_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            putc(*c, out);
    putc('"', out);
}

/* A number of a series; JSON has no NaN and no infinities. A program that calls setlocale keeps LC_NUMERIC at "C". */
static void put_point(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
    else
        fputs(isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"", out);
}

/* The same as a property or parameter. */
static void put_tagged(FILE *out, double value)
{
    if (!isfinite(value))
        fputs("{\"$float\": ", out);
    put_point(out, value);
    if (!isfinite(value))
        putc('}', out);
}

/* Seconds since 1970, to be printed with %.3f. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The moment, in UTC. */
static void get_now(char text[32])
{
    time_t now = time(NULL);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
}

/* -- the experiment ----------------------------------------------------------------------------------------------- */

enum { MOST = 1000 };
struct rows { int count; double length[MOST], width[MOST]; };
struct fit { double loss, by_slope, by_intercept; };
static struct rows train, held_out;

/* What was logged: a text where there is one, else a number. */
struct point { const char *kind, *name; int step; double time, value; char text[80]; };
static struct point points[MOST];
static int logged;
static FILE *stream;

static void put_value(FILE *out, const struct point *point)
{
    if (*point->text)
        put_text(out, point->text);
    else
        put_point(out, point->value);
}

/* Keep a point for the document, and write it as a line of the stream at once. */
static void log_point(struct point point)
{
    points[logged++] = point;
    fprintf(stream, "{\"step\": %d, \"time\": %.3f, \"%s\": {\"%s\": ", point.step, point.time, point.kind, point.name);
    put_value(stream, &point);
    fputs("}}\n", stream);
    fflush(stream);
}

static void put_column(FILE *out, const char *name)
{
    const char *starts[] = {"{\"values\": [", "],\n  \"steps\": [", "],\n  \"times\": ["};
    fprintf(out, "\"%s\": ", name);
    for (int part = 0; part < 3; part++) {
        const char *comma = starts[part];
        for (const struct point *point = points; point < points + logged; point++)
            if (strcmp(point->name, name) == 0) {
                fputs(comma, out);
                comma = ", ";
                if (part == 0)
                    put_value(out, point);
                else
                    fprintf(out, "%.*f", part == 1 ? 0 : 3, part == 1 ? point->step : point->time);
            }
    }
    fputs("]}", out);
}

/* The mean square of the errors, and its derivatives by slope and intercept. */
static struct fit fit(const struct rows *rows, double slope, double intercept)
{
    struct fit sum = {0, 0, 0};
    for (int i = 0; i < rows->count; i++) {
        double error = slope * rows->length[i] + intercept - rows->width[i];
        sum.loss += error * error;
        sum.by_slope += 2 * error * rows->length[i];
        sum.by_intercept += 2 * error;
    }
    return (struct fit){sum.loss / rows->count, sum.by_slope / rows->count, sum.by_intercept / rows->count};
}

/* The curve of the finite losses as SVG, on a logarithmic axis. */
static void put_drawing(FILE *out, const double *losses, int count)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < count && isfinite(losses[i]); i++) {
        low = fmin(low, log10(losses[i]));
        high = fmax(high, log10(losses[i]));
    }
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"><polyline points=\"", out);
    for (int i = 0; i < count && isfinite(losses[i]); i++)
        fprintf(out, "%.2f,%.2f ", 300.0 * i / count, 10 + 180 * (high - log10(losses[i])) / (high - low));
    fputs("\" fill=\"none\" stroke=\"black\"/></svg>\n", out);
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file) {
        perror(path);
        exit(2);
    }
    return file;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fputs("iris fit|diverge|fail DATA FOLDER\n", stderr);
        return 2;
    }
    const char *variant = arguments[1];
    bool diverges = strcmp(variant, "diverge") == 0, fails = strcmp(variant, "fail") == 0;
    double rate = diverges ? 10 : 0.02, slope = 0, intercept = 0, losses[MOST];
    int epochs = diverges ? 150 : 100, error = 0;
    char line[256], now[32], digest[65] = "", *head, *tail;
    size_t size;

    FILE *data = open_file(arguments[2], "r");
    fgets(line, sizeof line, data);
    for (int row = 0; fgets(line, sizeof line, data); row++) {
        struct rows *rows = row % 5 ? &train : &held_out;
        sscanf(line, "%*f,%*f,%lf,%lf", &rows->length[rows->count], &rows->width[rows->count]);
        rows->count++;
    }
    fclose(data);
    if (chdir(arguments[3]) != 0) {
        perror(arguments[3]);
        return 2;
    }
    char stream_name[64], document_name[64], image_name[64], model_name[64];
    snprintf(stream_name, sizeof stream_name, "c-%s.run.jsonl", variant);
    snprintf(document_name, sizeof document_name, "c-%s.run.json", variant);
    snprintf(image_name, sizeof image_name, "c-%s-loss.svg", variant);
    snprintf(model_name, sizeof model_name, "c-%s-model.txt", variant);

    get_now(now);
    FILE *out = open_memstream(&head, &size);
    fprintf(out, "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": \"c-%s\", \"name\": \"Petals of irises in C: %s\", "
                 "\"started_at\": \"%s\", \"tags\": [\"languages\", ", variant, variant, now);
    put_text(out, "say \"hi\" \\ \U0001F989\n\a");
    fprintf(out, "], \"parameters\": {\"rate\": %.17g, \"epochs\": %d, \"big\": %lld, \"note\": ", rate, epochs, 9007199254740993LL);
    put_text(out, "He said: \"5 \\ 3\"\n\tna\u00efve \U0001F989 \x01");
    fputs("}, \"source\": {\"language\": \"C\", \"script\": \"iris.c\"}, \"environment\": {\"version\": ", out);
    put_text(out, __VERSION__);
    fputs("}", out);
    fclose(out);

    stream = open_file(stream_name, "w");
    fprintf(stream, "{%s, \"status\": \"running\"}\n", head);
    fflush(stream);
    for (int epoch = 1; epoch <= epochs && !error; epoch++) {
        struct fit found = fit(&train, slope, intercept);
        losses[epoch - 1] = found.loss;
        log_point((struct point){"series", "train/loss", epoch, seconds(), found.loss, ""});
        if (epoch % 10 == 0) {
            log_point((struct point){"series", "validation/loss", epoch, seconds(), fit(&held_out, slope, intercept).loss, ""});
            struct point said = {"text", "log", epoch, seconds(), 0, ""};
            snprintf(said.text, sizeof said.text, "epoch %d: loss %.6g", epoch, found.loss);
            log_point(said);
        }
        if (fails && epoch == 50) {
            FILE *checkpoint = fopen("no-such-checkpoint", "rb");
            if (!checkpoint)
                error = errno;
        }
        slope -= rate * found.by_slope;
        intercept -= rate * found.by_intercept;
    }

    out = open_memstream(&tail, &size);
    if (error) {
        fprintf(out, "\"status\": \"failed\", \"error\": {\"type\": \"errno %d\", \"message\": ", error);
        snprintf(line, sizeof line, "no-such-checkpoint: %s", strerror(error));
        put_text(out, line);
    } else {
        FILE *image = open_file(image_name, "w"), *model = open_file(model_name, "w");
        put_drawing(image, losses, epochs);
        fclose(image);
        int bytes = fprintf(model, "%.17g %.17g\n", slope, intercept);
        fclose(model);
        snprintf(line, sizeof line, "sha256sum %s", model_name);
        FILE *sum = popen(line, "r");
        if (!sum || fscanf(sum, "%64s", digest) != 1) {
            fputs("sha256sum failed\n", stderr);
            return 2;
        }
        pclose(sum);
        fputs("\"status\": \"succeeded\", \"properties\": {\"slope\": ", out);
        put_tagged(out, slope);
        fputs(", \"intercept\": ", out);
        put_tagged(out, intercept);
        fprintf(out, "}, \"images\": {\"loss\": {\"path\": \"%s\", \"media_type\": \"image/svg+xml\"}}", image_name);
        fprintf(out, ", \"artifacts\": {\"model\": {\"path\": \"%s\", \"bytes\": %d, \"sha256\": \"%s\"}", model_name, bytes, digest);
    }
    get_now(now);
    fprintf(out, "}, \"ended_at\": \"%s\"", now);
    fclose(out);
    fprintf(stream, "{%s}\n", tail);
    fclose(stream);

    FILE *document = open_file(document_name, "w");
    fprintf(document, "{%s,\n \"series\": {", head);
    put_column(document, "train/loss");
    fputs(",\n  ", document);
    put_column(document, "validation/loss");
    fputs("},\n \"text\": {", document);
    put_column(document, "log");
    fprintf(document, "},\n %s}\n", tail);
    fclose(document);
    return error ? 1 : 0;
}
