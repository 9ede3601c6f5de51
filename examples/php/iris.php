<?php
// Fit a line to the petals of irises, tracked by print statements: PHP without extensions of others.
//
// php iris.php fit|diverge|fail DATA FOLDER

declare(strict_types=1);

// -- to copy: texts, numbers, and the time ---------------------------------------------------------------------------

/** A text in quotes; bytes that are not UTF-8 become U+FFFD. */
function text(string $value): string
{
    return json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
}

/** A number of a series; JSON has no NaN and no infinities, and json_encode refuses them. */
function point(float $value): string
{
    return match (true) {
        is_nan($value) => '"NaN"',
        is_infinite($value) => $value > 0 ? '"Infinity"' : '"-Infinity"',
        default => var_export($value, true), // all digits, also where `precision` in php.ini is 14
    };
}

/** The same as a property or parameter. */
function tagged(float $value): string
{
    return is_finite($value) ? point($value) : '{"$float": ' . point($value) . '}';
}

/** The moment in UTC, and as seconds since 1970. */
function now(): string
{
    return (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.vP');
}

function seconds(): string
{
    return number_format(microtime(true), 3, '.', '');
}

// -- the experiment --------------------------------------------------------------------------------------------------

/** Writes the stream, and keeps the points as they were printed for the document. */
final class Run
{
    private $stream;
    private array $columns = ['series' => [], 'text' => []];

    public function __construct(private string $folder, private string $id, private array $first)
    {
        $this->stream = fopen("$folder/$id.run.jsonl", 'w');
        $this->write([...$first, '"status": "running"']);
    }

    /** PHP buffers no plain file, so one call is one write. */
    private function write(array $members): void
    {
        fwrite($this->stream, '{' . implode(', ', $members) . "}\n");
    }

    public function log(string $kind, string $series, string $value, int $step): void
    {
        $time = seconds();
        $this->write(["\"step\": $step, \"time\": $time, \"$kind\": {\"$series\": $value}"]);
        foreach (['values' => $value, 'steps' => $step, 'times' => $time] as $column => $entry) {
            $this->columns[$kind][$series][$column][] = $entry;
        }
    }

    public function finish(array $last): void
    {
        $last[] = '"ended_at": ' . text(now());
        $this->write($last);
        fclose($this->stream);
        $points = [];
        foreach ($this->columns as $kind => $columns) {
            $list = fn (array $entries): string => '[' . implode(', ', $entries) . ']';
            $inner = fn (array $lists): string => self::object($lists, $list);
            $points[] = text($kind) . ': ' . self::object($columns, $inner);
        }
        $members = implode(",\n ", [...$this->first, ...$points, ...$last]);
        file_put_contents("$this->folder/$this->id.run.json", "{{$members}}\n");
    }

    private static function object(array $entries, callable $inner): string
    {
        $members = array_map(fn ($name, $value) => text($name) . ': ' . $inner($value), array_keys($entries), $entries);
        return '{' . implode(', ', $members) . '}';
    }
}

/** The mean square of the errors, and its derivatives by slope and intercept. */
function fit(array $pairs, float $slope, float $intercept): array
{
    $loss = $bySlope = $byIntercept = 0.0;
    foreach ($pairs as [$length, $width]) {
        $error = $slope * $length + $intercept - $width;
        $loss += $error * $error;
        $bySlope += 2 * $error * $length;
        $byIntercept += 2 * $error;
    }
    return [$loss / count($pairs), $bySlope / count($pairs), $byIntercept / count($pairs)];
}

/** The curve of the finite losses as SVG, on a logarithmic axis. */
function drawn(array $losses): string
{
    $logs = array_map('log10', array_filter($losses, 'is_finite'));
    [$low, $high, $count] = [min($logs), max($logs), count($logs)];
    $points = [];
    foreach ($logs as $index => $height) {
        $points[] = sprintf('%.2F,%.2F', 300 * $index / $count, 10 + 180 * ($high - $height) / ($high - $low));
    }
    $line = '<polyline points="' . implode(' ', $points) . '" fill="none" stroke="black"/>';
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">$line</svg>\n";
}

set_error_handler(function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

[, $variant, $data, $folder] = $argv;
$rows = array_map(fn (string $row): array => explode(',', $row), array_slice(file($data, FILE_IGNORE_NEW_LINES), 1));
$pairs = array_map(fn (array $row): array => [(float) $row[2], (float) $row[3]], $rows);
$heldOut = array_filter($pairs, fn (int $index): bool => $index % 5 === 0, ARRAY_FILTER_USE_KEY);
$train = array_diff_key($pairs, $heldOut);
[$rate, $epochs] = $variant === 'diverge' ? [10.0, 150] : [0.02, 100];

$id = "php-$variant";
$big = 9007199254740993;
$note = text("He said: \"5 \\ 3\"\n\tna\u{EF}ve 🦉 \x01");
$run = new Run($folder, $id, [
    '"runjson": "1.0", "project": "languages", "id": ' . text($id),
    '"name": ' . text("Petals of irises in PHP: $variant") . ', "started_at": ' . text(now()),
    '"tags": ["languages", ' . text("say \"hi\" \\ 🦉\n\x07") . ']',
    '"parameters": {"rate": ' . tagged($rate) . ", \"epochs\": $epochs, \"big\": $big, \"note\": $note}",
    '"source": {"language": "PHP", "script": "iris.php"}',
    '"environment": {"version": ' . text(PHP_VERSION) . '}',
]);
$losses = [];
$slope = $intercept = 0.0;
try {
    for ($epoch = 1; $epoch <= $epochs; $epoch++) {
        [$loss, $bySlope, $byIntercept] = fit($train, $slope, $intercept);
        $run->log('series', 'train/loss', point($loss), $epoch);
        $losses[] = $loss;
        if ($epoch % 10 === 0) {
            $run->log('series', 'validation/loss', point(fit($heldOut, $slope, $intercept)[0]), $epoch);
            $run->log('text', 'log', text(sprintf('epoch %d: loss %.6g', $epoch, $loss)), $epoch);
        }
        if ($variant === 'fail' && $epoch === 50) {
            file_get_contents("$folder/no-such-checkpoint");
        }
        $slope -= $rate * $bySlope;
        $intercept -= $rate * $byIntercept;
    }
    file_put_contents("$folder/$id-loss.svg", drawn($losses));
    $model = var_export($slope, true) . ' ' . var_export($intercept, true) . "\n";
    file_put_contents("$folder/$id-model.txt", $model);
    [$bytes, $digest] = [strlen($model), hash('sha256', $model)];
    $run->finish([
        '"status": "succeeded"',
        '"properties": {"slope": ' . tagged($slope) . ', "intercept": ' . tagged($intercept) . '}',
        "\"images\": {\"loss\": {\"path\": \"$id-loss.svg\", \"media_type\": \"image/svg+xml\"}}",
        "\"artifacts\": {\"model\": {\"path\": \"$id-model.txt\", \"bytes\": $bytes, \"sha256\": \"$digest\"}}",
    ]);
} catch (ErrorException $error) {
    $what = '{"type": ' . text($error::class) . ', "message": ' . text($error->getMessage()) . '}';
    $run->finish(['"status": "failed"', "\"error\": $what"]);
    exit(1);
}
