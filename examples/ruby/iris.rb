# Fit a line to the petals of irises, tracked by print statements: what comes with Ruby.
#
# ruby iris.rb fit|diverge|fail DATA FOLDER

require "digest"
require "time"

# -- to copy: texts, numbers, and the time -----------------------------------------------------------------------------

# A text in quotes. Paths and messages of the system may come in another encoding, so it is said to be UTF-8.
def text(value)
  value = value.dup.force_encoding(Encoding::UTF_8).scrub
  escaped = value.gsub(/["\\\x00-\x1f]/) { |c| c.match?(/["\\]/) ? "\\#{c}" : format("\\u%04x", c.ord) }
  "\"#{escaped}\""
end

# A number of a series; JSON has no NaN and no infinities. Ruby prints every other one with all its digits.
def point(value) = value.finite? ? value.to_s : "\"#{value}\""

# The same as a property or parameter.
def tagged(value) = value.finite? ? value.to_s : "{\"$float\": \"#{value}\"}"

# The moment in UTC, and as seconds since 1970.
def now = Time.now.utc.iso8601(3)
def seconds = Time.now.to_f.round(3).to_s

# -- the experiment ----------------------------------------------------------------------------------------------------

# Writes the stream, and keeps the points as they were printed for the document.
class Run
  def initialize(folder, id, *first)
    @folder, @id, @first = folder, id, first
    @columns = Hash.new { |kinds, kind| kinds[kind] = Hash.new { |h, k| h[k] = { values: [], steps: [], times: [] } } }
    @stream = File.open("#{folder}/#{id}.run.jsonl", "w:UTF-8")
    @stream.sync = true
    write(*first, '"status": "running"')
  end

  def log(kind, series, value, step)
    time = seconds
    write("\"step\": #{step}, \"time\": #{time}, \"#{kind}\": {\"#{series}\": #{value}}")
    @columns[kind][series].values.zip([value, step, time]) { |column, entry| column << entry }
  end

  def finish(*last)
    last << "\"ended_at\": #{text(now)}"
    write(*last)
    @stream.close
    points = @columns.map do |kind, columns|
      "\"#{kind}\": #{object(columns) { |lists| object(lists) { |list| "[#{list.join(", ")}]" } }}"
    end
    File.write("#{@folder}/#{@id}.run.json", "{#{[*@first, *points, *last].join(",\n ")}}\n", encoding: "UTF-8")
  end

  private

  # One string, and so one write.
  def write(*members) = @stream.write("{#{members.join(", ")}}\n")

  def object(hash) = "{#{hash.map { |name, value| "\"#{name}\": #{yield value}" }.join(", ")}}"
end

# The mean square of the errors, and its derivatives by slope and intercept. Not with sum, which compensates rounding.
def fit(pairs, slope, intercept)
  loss = by_slope = by_intercept = 0.0
  pairs.each do |length, width|
    error = slope * length + intercept - width
    loss += error * error
    by_slope += 2 * error * length
    by_intercept += 2 * error
  end
  [loss, by_slope, by_intercept].map { |total| total / pairs.size }
end

# The curve of the finite losses as SVG, on a logarithmic axis.
def drawn(losses)
  logs = losses.select(&:finite?).map { |loss| Math.log10(loss) }
  low, high = logs.minmax
  points = logs.each_with_index.map do |height, index|
    format("%.2f,%.2f", 300.0 * index / logs.size, 10 + 180 * (high - height) / (high - low))
  end
  line = "<polyline points=\"#{points.join(" ")}\" fill=\"none\" stroke=\"black\"/>"
  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">#{line}</svg>\n"
end

variant, data, folder = ARGV
pairs = File.readlines(data).drop(1).map { |row| row.split(",")[2, 2].map(&:to_f) }
held_out, train = pairs.each_with_index.partition { |_, index| index % 5 == 0 }.map { |part| part.map(&:first) }
rate, epochs = variant == "diverge" ? [10.0, 150] : [0.02, 100]

id = "ruby-#{variant}"
run = Run.new(
  folder, id,
  "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": #{text(id)}",
  "\"name\": #{text("Petals of irises in Ruby: #{variant}")}, \"started_at\": #{text(now)}",
  "\"tags\": [\"languages\", #{text("say \"hi\" \\ 🦉\n\a")}]",
  "\"parameters\": {\"rate\": #{tagged(rate)}, \"epochs\": #{epochs}, \"big\": #{9007199254740993}, " \
    "\"note\": #{text("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01")}}",
  '"source": {"language": "Ruby", "script": "iris.rb"}',
  "\"environment\": {\"version\": #{text(RUBY_VERSION)}}"
)
losses = []
slope = intercept = 0.0
begin
  1.upto(epochs) do |epoch|
    loss, by_slope, by_intercept = fit(train, slope, intercept)
    run.log("series", "train/loss", point(loss), epoch)
    losses << loss
    if epoch % 10 == 0
      run.log("series", "validation/loss", point(fit(held_out, slope, intercept).first), epoch)
      run.log("text", "log", text(format("epoch %d: loss %.6g", epoch, loss)), epoch)
    end
    File.read("#{folder}/no-such-checkpoint") if variant == "fail" && epoch == 50
    slope -= rate * by_slope
    intercept -= rate * by_intercept
  end
  File.write("#{folder}/#{id}-loss.svg", drawn(losses))
  model = "#{slope} #{intercept}\n"
  File.write("#{folder}/#{id}-model.txt", model)
  run.finish(
    '"status": "succeeded"',
    "\"properties\": {\"slope\": #{tagged(slope)}, \"intercept\": #{tagged(intercept)}}",
    "\"images\": {\"loss\": {\"path\": \"#{id}-loss.svg\", \"media_type\": \"image/svg+xml\"}}",
    "\"artifacts\": {\"model\": {\"path\": \"#{id}-model.txt\", \"bytes\": #{model.bytesize}, " \
      "\"sha256\": \"#{Digest::SHA256.hexdigest(model)}\"}}"
  )
rescue SystemCallError => e
  run.finish('"status": "failed"', "\"error\": {\"type\": #{text(e.class.name)}, \"message\": #{text(e.message)}}")
  exit 1
end
