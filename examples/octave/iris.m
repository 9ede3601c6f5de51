function code = iris(variant, data, folder)
% Fit a line to the petals of irises, tracked by print statements: no toolbox, no package.
%
% Octave:  octave-cli main.m fit|diverge|fail DATA FOLDER
% MATLAB:  matlab -batch "exit(iris('fit', 'DATA', 'FOLDER'))"

file = fopen(data);
found = textscan(file, '%s %s %s %s %s', 'Delimiter', ',', 'HeaderLines', 1);
fclose(file);
flowers = str2double([found{3} found{4}]); % rounds to the nearest double, which %f of textscan does not
held_out = mod(0:size(flowers, 1) - 1, 5) == 0;
validation = flowers(held_out, :);
train = flowers(~held_out, :);
rate = 0.02;
epochs = 100;
if strcmp(variant, 'diverge')
  rate = 10;
  epochs = 150;
end

id = ['octave-' variant];
stream = fullfile(folder, [id '.run.jsonl']);
tag = ['say "hi" \ 🦉' char([10 7])];
note = ['He said: "5 \ 3"' char([10 9]) 'naïve 🦉 ' char(1)];
first = [ ...
  '"runjson": "1.0", "project": "languages", "id": ' json_text(id), ...
  ', "name": ' json_text(['Petals of irises in Octave: ' variant]) ', "started_at": ' json_text(now_text()), ...
  ', "tags": ["languages", ' json_text(tag) '], "parameters": {"rate": ' json_tagged(rate), ...
  ', "epochs": ' json_tagged(epochs) ', "big": {"$int": "9007199254740993"}, "note": ' json_text(note), ...
  '}, "source": {"language": "Octave", "script": "iris.m"}, "environment": {"version": ' json_text(version()) '}'];
put(stream, 'w', ['{' first ', "status": "running"}' char(10)]);

% The points of each series, as they were printed.
[loss_points, validation_points, log_points] = deal({});

losses = [];
[slope, intercept, code] = deal(0);
try
  for epoch = 1:epochs
    [loss, by_slope, by_intercept] = fit(train, slope, intercept);
    loss_points(end + 1, :) = log_point(stream, 'series', 'train/loss', json_point(loss), epoch);
    losses(end + 1) = loss;
    if mod(epoch, 10) == 0
      value = json_point(fit(validation, slope, intercept));
      validation_points(end + 1, :) = log_point(stream, 'series', 'validation/loss', value, epoch);
      value = json_text(sprintf('epoch %d: loss %.6g', epoch, loss));
      log_points(end + 1, :) = log_point(stream, 'text', 'log', value, epoch);
    end
    if strcmp(variant, 'fail') && epoch == 50
      load(fullfile(folder, 'no-such-checkpoint'));
    end
    slope = slope - rate * by_slope;
    intercept = intercept - rate * by_intercept;
  end
  put(fullfile(folder, [id '-loss.svg']), 'w', drawn(losses));
  model = fullfile(folder, [id '-model.txt']);
  bytes = put(model, 'w', sprintf('%.17g %.17g\n', slope, intercept));
  [~, digest] = system(['sha256sum < ''' strrep(model, '''', '''\''''') '''']);
  last = [ ...
    '"status": "succeeded", "properties": {"slope": ' json_tagged(slope) ', "intercept": ' json_tagged(intercept), ...
    '}, "images": {"loss": {"path": "' id '-loss.svg", "media_type": "image/svg+xml"}}, "artifacts": {"model": ', ...
    sprintf('{"path": "%s-model.txt", "bytes": %d, "sha256": "%s"}}', id, bytes, digest(1:64))];
catch err
  code = 1;
  type = err.identifier;
  if isempty(type)
    type = 'error';
  end
  last = ['"status": "failed", "error": {"type": ' json_text(type) ', "message": ' json_text(err.message) '}'];
end
last = [last ', "ended_at": ' json_text(now_text())];
put(stream, 'a', ['{' last '}' char(10)]);

put(fullfile(folder, [id '.run.json']), 'w', [ ...
  '{' first ',' char(10) '"series": {"train/loss": ' json_columns(loss_points) ',' char(10), ...
  '"validation/loss": ' json_columns(validation_points) '},' char(10), ...
  '"text": {"log": ' json_columns(log_points) '},' char(10) last '}' char(10)]);
end

% -- to copy: texts, numbers, and the time -----------------------------------------------------------------------------

% A text in quotes.
function out = json_text(text)
out = strrep(strrep(text, '\', '\\'), '"', '\"');
for code = 0:31
  out = strrep(out, char(code), sprintf('\\u%04x', code));
end
out = ['"' out '"'];
end

% A number of a series; JSON has no NaN and no infinities.
function out = json_point(x)
if isnan(x)
  out = '"NaN"';
elseif isinf(x) && x > 0
  out = '"Infinity"';
elseif isinf(x)
  out = '"-Infinity"';
else
  out = sprintf('%.17g', x);
end
end

% The same as a property or parameter.
function out = json_tagged(x)
out = json_point(x);
if out(1) == '"'
  out = ['{"$float": ' out '}'];
end
end

% The moment as seconds since 1970, and as a text in UTC.
function out = seconds_now()
if exist('OCTAVE_VERSION', 'builtin')
  out = time();
else
  out = posixtime(datetime('now', 'TimeZone', 'UTC'));
end
end

function out = now_text()
out = [datestr(datenum(1970, 1, 1) + floor(seconds_now()) / 86400, 'yyyy-mm-ddTHH:MM:SS') 'Z'];
end

% Write UTF-8 at once, as a file that is closed is flushed in Octave and in MATLAB; the answer is the number of bytes.
function count = put(path, mode, text)
file = fopen(path, mode);
if file < 0
  error('cannot write %s', path);
end
count = fwrite(file, unicode2native(text, 'UTF-8'), 'uint8');
fclose(file);
end

% -- the experiment ----------------------------------------------------------------------------------------------------

% Write a point as a line; the answer is its value, step and time for the document.
function out = log_point(stream, kind, series, value, step)
out = {value, sprintf('%d', step), sprintf('%.3f', seconds_now())};
line = sprintf('{"step": %s, "time": %s, "%s": {"%s": %s}}\n', out{2}, out{3}, kind, series, value);
put(stream, 'a', line);
end

function out = json_columns(points)
names = {'values', 'steps', 'times'};
for i = 1:3
  entries = sprintf('%s, ', points{:, i});
  names{i} = sprintf('"%s": [%s]', names{i}, entries(1:end - 2));
end
out = ['{' names{1} ', ' names{2} ', ' names{3} '}'];
end

% The mean square of the errors, and its derivatives by slope and intercept.
function [loss, by_slope, by_intercept] = fit(pairs, slope, intercept)
[loss, by_slope, by_intercept] = deal(0);
n = size(pairs, 1);
for i = 1:n
  err = slope * pairs(i, 1) + intercept - pairs(i, 2);
  loss = loss + err * err;
  by_slope = by_slope + 2 * err * pairs(i, 1);
  by_intercept = by_intercept + 2 * err;
end
loss = loss / n;
by_slope = by_slope / n;
by_intercept = by_intercept / n;
end

% The curve of the finite losses as SVG, on a logarithmic axis.
function out = drawn(losses)
logs = log10(losses(isfinite(losses)));
x = 300 * (0:numel(logs) - 1) / numel(logs);
y = 10 + 180 * (max(logs) - logs) / (max(logs) - min(logs));
out = ['<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="', ...
  strtrim(sprintf('%.2f,%.2f ', [x; y])) '" fill="none" stroke="black"/></svg>' char(10)];
end
