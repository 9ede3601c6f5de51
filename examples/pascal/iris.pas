{ Fit a line to the petals of irises, tracked by print statements: Free Pascal's own units, and sha256sum.

  iris fit|diverge|fail DATA FOLDER }
program iris;

{$mode objfpc}{$H+}

uses
  Classes, DateUtils, Math, SysUtils, Unix;

{ -- to copy: texts, numbers, and times ----------------------------------------------------------------------------- }

{ A text between its quotes. The text is UTF-8. }
function Quoted(const Text: string): string;
var
  C: Char;
begin
  Result := '"';
  for C in Text do
    case C of
      '"', '\': Result := Result + '\' + C;
      #0..#31: Result := Result + '\u' + HexStr(Ord(C), 4);
    else
      Result := Result + C;
    end;
  Result := Result + '"';
end;

{ A number of a series; JSON has no NaN and no infinities. }
function Point(Value: Double): string;
begin
  if IsNan(Value) then
    Result := '"NaN"'
  else if IsInfinite(Value) then
    if Value > 0 then Result := '"Infinity"' else Result := '"-Infinity"'
  else begin
    Str(Value, Result);
    Result := Trim(Result);
  end;
end;

{ The same as a property or parameter. }
function Tagged(Value: Double): string;
begin
  Result := Point(Value);
  if Result[1] = '"' then
    Result := '{"$float": ' + Result + '}';
end;

{ Seconds since 1970. }
function Seconds: string;
var
  Moment: TTimeVal;
begin
  FpGetTimeOfDay(@Moment, nil);
  Result := Format('%d.%.3d', [Moment.tv_sec, Moment.tv_usec div 1000]);
end;

{ The moment, in UTC. }
function Now: string;
begin
  Result := FormatDateTime('yyyy"-"mm"-"dd"T"hh":"nn":"ss"Z"', LocalTimeToUniversal(SysUtils.Now));
end;

{ -- the experiment ------------------------------------------------------------------------------------------------- }

type
  TRow = record
    Length, Width: Double;
  end;
  TRows = array of TRow;
  TFit = record
    Loss, BySlope, ByIntercept: Double;
  end;
  TColumn = record
    Kind, Name, Values, Steps, Times: string;
  end;

var
  Stream: TextFile;
  Buffer: array[0..65535] of Char;
  Losses: array of Double;

{ Write one line at once. The buffer that a text file has by itself is smaller than some lines. }
procedure WriteRecord(const Text: string);
begin
  WriteLn(Stream, Text);
  Flush(Stream);
end;

procedure Log(var Column: TColumn; const Value: string; Step: Integer);
var
  Time, Comma: string;
begin
  Time := Seconds;
  WriteRecord(Format('{"step": %d, "time": %s, "%s": {"%s": %s}}', [Step, Time, Column.Kind, Column.Name, Value]));
  if Column.Steps = '' then Comma := '' else Comma := ', ';
  Column.Values := Column.Values + Comma + Value;
  Column.Steps := Column.Steps + Comma + IntToStr(Step);
  Column.Times := Column.Times + Comma + Time;
end;

function Columns(const Column: TColumn): string;
begin
  Result := Format('"%s": {"values": [%s], "steps": [%s], "times": [%s]}',
    [Column.Name, Column.Values, Column.Steps, Column.Times]);
end;

{ The mean square of the errors, and its derivatives by slope and intercept. }
function Fit(const Rows: TRows; Slope, Intercept: Double): TFit;
var
  Row: TRow;
  Error: Double;
begin
  Result := Default(TFit);
  for Row in Rows do begin
    Error := Slope * Row.Length + Intercept - Row.Width;
    Result.Loss := Result.Loss + Error * Error;
    Result.BySlope := Result.BySlope + 2 * Error * Row.Length;
    Result.ByIntercept := Result.ByIntercept + 2 * Error;
  end;
  Result.Loss := Result.Loss / Length(Rows);
  Result.BySlope := Result.BySlope / Length(Rows);
  Result.ByIntercept := Result.ByIntercept / Length(Rows);
end;

procedure WriteFile(const Path, Text: string);
begin
  with TFileStream.Create(Path, fmCreate) do
    try
      WriteBuffer(Text[1], System.Length(Text));
    finally
      Free;
    end;
end;

{ The curve of the finite losses as SVG, on a logarithmic axis. }
function Drawn: string;
var
  Logs: array of Double = nil;
  Loss, Low, High: Double;
  Index: Integer;
  X, Y: string;
begin
  for Loss in Losses do
    if not IsNan(Loss) and not IsInfinite(Loss) then
      Insert(Log10(Loss), Logs, System.Length(Logs));
  Low := MinValue(Logs);
  High := MaxValue(Logs);
  Result := '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="';
  for Index := 0 to System.Length(Logs) - 1 do begin
    Str(300 * Index / System.Length(Logs):0:2, X);
    Str(10 + 180 * (High - Logs[Index]) / (High - Low):0:2, Y);
    Result := Result + X + ',' + Y + ' ';
  end;
  Result := Result + '" fill="none" stroke="black"/></svg>'#10;
end;

{ The SHA-256 of a file. Free Pascal 3.2 has none. }
function Digest(const Path: string): string;
var
  Sum: TextFile;
begin
  POpen(Sum, 'sha256sum < ''' + StringReplace(Path, '''', '''\''''', [rfReplaceAll]) + '''', 'R');
  ReadLn(Sum, Result);
  PClose(Sum);
  Result := Copy(Result, 1, 64);
end;

var
  Variant, Folder, Id, First, Last, Model, Text: string;
  Lines: TStringList;
  Cells: TStringArray;
  Row: TRow;
  Train, HeldOut: TRows;
  Found: TFit;
  Rate, Slope, Intercept: Double;
  Index, Epoch, Epochs, Code: Integer;
  TrainLoss: TColumn = (Kind: 'series'; Name: 'train/loss'; Values: ''; Steps: ''; Times: '');
  ValidationLoss: TColumn = (Kind: 'series'; Name: 'validation/loss'; Values: ''; Steps: ''; Times: '');
  LogText: TColumn = (Kind: 'text'; Name: 'log'; Values: ''; Steps: ''; Times: '');
begin
  { Let a number overflow to infinity instead of ending the program. }
  SetExceptionMask([exInvalidOp, exDenormalized, exZeroDivide, exOverflow, exUnderflow, exPrecision]);
  Variant := ParamStr(1);
  Folder := IncludeTrailingPathDelimiter(ParamStr(3));
  Id := 'pascal-' + Variant;
  Rate := 0.02;
  Epochs := 100;
  if Variant = 'diverge' then begin
    Rate := 10;
    Epochs := 150;
  end;

  Lines := TStringList.Create;
  Lines.LoadFromFile(ParamStr(2));
  for Index := 0 to Lines.Count - 2 do begin
    Cells := Lines[Index + 1].Split([',']);
    Val(Cells[2], Row.Length, Code);
    Val(Cells[3], Row.Width, Code);
    if Index mod 5 = 0 then
      Insert(Row, HeldOut, Length(HeldOut))
    else
      Insert(Row, Train, Length(Train));
  end;
  Lines.Free;

  First := '"runjson": "1.0", "project": "languages", "id": ' + Quoted(Id)
    + ', "name": ' + Quoted('Petals of irises in Pascal: ' + Variant) + ', "started_at": "' + Now + '"'
    + ', "tags": ["languages", ' + Quoted('say "hi" \ 🦉'#10#7) + ']'
    + ', "parameters": {"rate": ' + Tagged(Rate) + ', "epochs": ' + IntToStr(Epochs)
    + ', "big": ' + IntToStr(9007199254740993) + ', "note": ' + Quoted('He said: "5 \ 3"'#10#9'naïve 🦉 '#1) + '}'
    + ', "source": {"language": "Pascal", "script": "iris.pas"}'
    + ', "environment": {"version": ' + Quoted('Free Pascal ' + {$I %FPCVERSION%}) + '}';
  AssignFile(Stream, Folder + Id + '.run.jsonl');
  SetTextBuf(Stream, Buffer);
  Rewrite(Stream);
  WriteRecord('{' + First + ', "status": "running"}');

  Slope := 0;
  Intercept := 0;
  Code := 0;
  try
    for Epoch := 1 to Epochs do begin
      Found := Fit(Train, Slope, Intercept);
      Insert(Found.Loss, Losses, Length(Losses));
      Log(TrainLoss, Point(Found.Loss), Epoch);
      if Epoch mod 10 = 0 then begin
        Log(ValidationLoss, Point(Fit(HeldOut, Slope, Intercept).Loss), Epoch);
        Str(Found.Loss:13, Text);
        Log(LogText, Quoted(Format('epoch %d: loss %s', [Epoch, Trim(Text)])), Epoch);
      end;
      if (Variant = 'fail') and (Epoch = 50) then
        TFileStream.Create(Folder + 'no-such-checkpoint', fmOpenRead).Free;
      Slope := Slope - Rate * Found.BySlope;
      Intercept := Intercept - Rate * Found.ByIntercept;
    end;
    WriteFile(Folder + Id + '-loss.svg', Drawn);
    Model := StringReplace(Point(Slope) + ' ' + Point(Intercept), '"', '', [rfReplaceAll]) + #10;
    WriteFile(Folder + Id + '-model.txt', Model);
    Last := '"status": "succeeded", "properties": {"slope": ' + Tagged(Slope) + ', "intercept": ' + Tagged(Intercept)
      + '}, "images": {"loss": {"path": ' + Quoted(Id + '-loss.svg') + ', "media_type": "image/svg+xml"}}'
      + ', "artifacts": {"model": {"path": ' + Quoted(Id + '-model.txt') + ', "bytes": ' + IntToStr(Length(Model))
      + ', "sha256": "' + Digest(Folder + Id + '-model.txt') + '"}}';
  except
    on Error: EStreamError do begin
      Code := 1;
      Last := '"status": "failed", "error": {"type": ' + Quoted(Error.ClassName) + ', "message": ' + Quoted(Error.Message) + '}';
    end;
  end;
  Last := Last + ', "ended_at": "' + Now + '"';
  WriteRecord('{' + Last + '}');
  CloseFile(Stream);
  WriteFile(Folder + Id + '.run.json', '{' + First + ','#10' "series": {' + Columns(TrainLoss) + ','#10'  '
    + Columns(ValidationLoss) + '},'#10' "text": {' + Columns(LogText) + '},'#10' ' + Last + '}'#10);
  Halt(Code);
end.
