# Fit a line to the petals of irises, tracked by print statements: what comes with Perl.
#
# perl iris.pl fit|diverge|fail DATA FOLDER

use v5.26;
use warnings;
use utf8;
use Digest::SHA qw(sha256_hex);
use IO::Handle;
use POSIX qw(floor log10 strftime);
use Time::HiRes qw(time);

# -- to copy: texts, numbers, and the time -----------------------------------------------------------------------------

# A text in quotes. The file that it goes to is opened with :encoding(UTF-8).
sub text {
    my ($value) = @_;
    $value =~ s/([\\"])/\\$1/g;
    $value =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    return qq("$value");
}

# A number of a series; JSON has no NaN and no infinities.
sub point {
    my ($value) = @_;
    return '"NaN"' if $value != $value;
    return '"Infinity"' if $value == 9**9**9;
    return '"-Infinity"' if $value == -9**9**9;
    return sprintf '%.17g', $value;
}

# The same as a property or parameter.
sub tagged {
    my $point = point(@_);
    return $point =~ /"/ ? qq({"\$float": $point}) : $point;
}

# The moment in UTC, and as seconds since 1970.
sub now {
    my $time = time;
    return strftime('%Y-%m-%dT%H:%M:%S', gmtime $time) . sprintf '.%03dZ', 1000 * ($time - floor $time);
}
sub seconds { return sprintf '%.3f', time }

# -- the experiment ----------------------------------------------------------------------------------------------------

# The mean square of the errors, and its derivatives by slope and intercept.
sub fit {
    my ($pairs, $slope, $intercept) = @_;
    my ($loss, $by_slope, $by_intercept) = (0, 0, 0);
    for my $pair (@$pairs) {
        my ($length, $width) = @$pair;
        my $error = $slope * $length + $intercept - $width;
        $loss += $error * $error;
        $by_slope += 2 * $error * $length;
        $by_intercept += 2 * $error;
    }
    return map { $_ / @$pairs } $loss, $by_slope, $by_intercept;
}

# The curve of the finite losses as SVG, on a logarithmic axis.
sub drawn {
    my @logs = map { log10 $_ } grep { point($_) !~ /"/ } @_;
    my ($low, $high) = (sort { $a <=> $b } @logs)[0, -1];
    my $points = join ' ', map {
        sprintf '%.2f,%.2f', 300 * $_ / @logs, 10 + 180 * ($high - $logs[$_]) / ($high - $low)
    } 0 .. $#logs;
    my $line = qq(<polyline points="$points" fill="none" stroke="black"/>);
    return qq(<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">$line</svg>\n);
}

sub save {
    my ($path, $content) = @_;
    open my $file, '>:encoding(UTF-8)', $path or die "cannot write $path: $!\n";
    print $file $content;
    close $file or die "cannot write $path: $!\n";
}

my ($variant, $data, $folder) = @ARGV;
open my $table, '<', $data or die "cannot read $data: $!\n";
my (undef, @rows) = <$table>;
my @pairs = map { [(split /,/)[2, 3]] } @rows;
my @held_out = @pairs[grep { $_ % 5 == 0 } 0 .. $#pairs];
my @train = @pairs[grep { $_ % 5 } 0 .. $#pairs];
my ($rate, $epochs) = $variant eq 'diverge' ? (10, 150) : (0.02, 100);

my $id = "perl-$variant";
my @begin = (
    qq("runjson": "1.0", "project": "languages", "id": ) . text($id),
    '"name": ' . text("Petals of irises in Perl: $variant") . ', "started_at": ' . text(now()),
    '"tags": ["languages", ' . text("say \"hi\" \\ 🦉\n\a") . ']',
    '"parameters": {"rate": ' . tagged($rate) . ', "epochs": ' . tagged($epochs)
        . ', "big": 9007199254740993, "note": ' . text("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01") . '}',
    '"source": {"language": "Perl", "script": "iris.pl"}',
    '"environment": {"version": ' . text(sprintf '%vd', $^V) . '}',
);

open my $stream, '>:encoding(UTF-8)', "$folder/$id.run.jsonl" or die "cannot write to $folder: $!\n";
$stream->autoflush;
sub put { print $stream '{' . join(', ', @_) . "}\n" }

# Each series keeps its values, steps and times for the document, as they were printed.
my %columns;
sub record {
    my ($kind, $series, $value, $step) = @_;
    my $time = seconds();
    put(qq("step": $step, "time": $time, "$kind": {"$series": $value}));
    my $column = $columns{$kind}{$series} //= {};
    push $column->{values}->@*, $value;
    push $column->{steps}->@*, $step;
    push $column->{times}->@*, $time;
}

put(@begin, '"status": "running"');
my ($slope, $intercept, @losses, @end) = (0, 0);
eval {
    for my $epoch (1 .. $epochs) {
        my ($loss, $by_slope, $by_intercept) = fit(\@train, $slope, $intercept);
        record('series', 'train/loss', point($loss), $epoch);
        push @losses, $loss;
        if ($epoch % 10 == 0) {
            record('series', 'validation/loss', point((fit(\@held_out, $slope, $intercept))[0]), $epoch);
            record('text', 'log', text(sprintf 'epoch %d: loss %.6g', $epoch, $loss), $epoch);
        }
        if ($variant eq 'fail' && $epoch == 50) {
            open my $file, '<', "$folder/no-such-checkpoint" or die "cannot read $folder/no-such-checkpoint: $!\n";
        }
        $slope -= $rate * $by_slope;
        $intercept -= $rate * $by_intercept;
    }
    save("$folder/$id-loss.svg", drawn(@losses));
    my $model = sprintf "%.17g %.17g\n", $slope, $intercept;
    save("$folder/$id-model.txt", $model);
    my ($bytes, $digest) = (length $model, sha256_hex $model);
    @end = (
        '"status": "succeeded"',
        '"properties": {"slope": ' . tagged($slope) . ', "intercept": ' . tagged($intercept) . '}',
        qq("images": {"loss": {"path": "$id-loss.svg", "media_type": "image/svg+xml"}}),
        qq("artifacts": {"model": {"path": "$id-model.txt", "bytes": $bytes, "sha256": "$digest"}}),
    );
    1;
} or do {
    chomp(my $message = $@);
    utf8::decode($message); # the folder's name in it came as bytes
    @end = ('"status": "failed"', '"error": {"type": "die", "message": ' . text($message) . '}');
};
push @end, '"ended_at": ' . text(now());
put(@end);
close $stream or die "cannot write to $folder: $!\n";

# The document: the same, with the points as columns. members: {"name": inner of the value, ...}
sub members {
    my ($object, $inner) = @_;
    return '{' . join(', ', map { qq("$_": ) . $inner->($object->{$_}) } sort keys %$object) . '}';
}
my @points = map {
    qq("$_": ) . members($columns{$_}, sub { members($_[0], sub { '[' . join(', ', $_[0]->@*) . ']' }) })
} sort keys %columns;
save("$folder/$id.run.json", '{' . join(",\n ", @begin, @points, @end) . "}\n");
exit($end[0] =~ /failed/ ? 1 : 0);
