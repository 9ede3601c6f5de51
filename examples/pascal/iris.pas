{ Fit a line to the petals of irises, tracked by print statements: Free Pascal's own units, and sha256sum.

  iris fit|diverge|fail DATA FOLDER }
program iris;

{$mode objfpc}{$H+}{$modeswitch arrayoperators}

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
  Str(Value, Result);
  Result := Trim(Result);
  case Result of
    'Nan': Result := '"NaN"';
    '+Inf': Result := '"Infinity"';
    '-Inf': Result := '"-Infinity"';
  end;
end;

{ The same as a property or parameter. }
function Tagged(Value: Double): string;
begin
  Result := Point(Value);
  if Result[1] = '"' then
    Result := '{"$float": ' + Result + '}';
end;

{ Seconds since 1970. For a time text there is DateToISO8601(Now, False), with the offset from UTC. }
function Seconds: string;
var
  Moment: TTimeVal;
begin
  FpGetTimeOfDay(@Moment, nil);
  Result := Format('%d.%.3d', [Moment.tv_sec, Moment.tv_usec div 1000]);
end;

{ -- the experiment ------------------------------------------------------------------------------------------------- }

type
  TRow = record Length, Width: Double; end;
  TRows = array of TRow;
  TFit = record Loss, BySlope, ByIntercept: Double; end;
  { What was logged under one name, as it was printed, for the document. }
  TColumn = record Kind, Name, Values, Steps, Times: string; end;

{ Write to a file at once. }
procedure Put(F: TStream; const Text: string);
begin
  F.WriteBuffer(Text[1], Length(Text));
end;

procedure Save(const Path, Text: string);
var
  F: TFileStream;
begin
  F := TFileStream.Create(Path, fmCreate);
  Put(F, Text);
  F.Free;
end;

procedure Log(Stream: TStream; var Column: TColumn; Epoch: Integer; const Value: string);
var
  Time: string;
begin
  Time := Seconds;
  Put(Stream, Format('{"step": %d, "time": %s, "%s": {"%s": %s}}'#10, [Epoch, Time, Column.Kind, Column.Name, Value]));
  Column.Values := Column.Values + ', ' + Value;
  Column.Steps := Column.Steps + ', ' + IntToStr(Epoch);
  Column.Times := Column.Times + ', ' + Time;
end;

{ All of a column, without the first comma of each list. }
function Lists(const Column: TColumn): string;
begin
  Result := Format('"%s": {"values": [%s], "steps": [%s], "times": [%s]}',
    [Column.Name, Copy(Column.Values, 3), Copy(Column.Steps, 3), Copy(Column.Times, 3)]);
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

{ The curve of the logarithms of the losses, as SVG. }
function Drawn(const Heights: array of Double): string;
var
  I: Integer;
  Top, Range: Double;
begin
  Top := MaxValue(Heights);
  Range := Top - MinValue(Heights);
  Result := '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="';
  for I := 0 to High(Heights) do
    Result := Result + Format('%.2f,%.2f ', [300 * I / Length(Heights), 10 + 180 * (Top - Heights[I]) / Range]);
  Result := Result + '" fill="none" stroke="black"/></svg>'#10;
end;

var
  Variant, Id, First, Last, Model, Digest: string;
  Lines: TStringList;
  Cells: TStringArray;
  Row: TRow;
  Train: TRows = nil;
  HeldOut: TRows = nil;
  Found: TFit;
  Rate: Double;
  Slope: Double = 0;
  Intercept: Double = 0;
  Heights: array of Double = nil;
  Index, Epoch, Epochs: Integer;
  Stream: TFileStream;
  Sum: TextFile;
  TrainLoss: TColumn = (Kind: 'series'; Name: 'train/loss'; Values: ''; Steps: ''; Times: '');
  ValidationLoss: TColumn = (Kind: 'series'; Name: 'validation/loss'; Values: ''; Steps: ''; Times: '');
  LogText: TColumn = (Kind: 'text'; Name: 'log'; Values: ''; Steps: ''; Times: '');
begin
  { Let a number overflow to infinity instead of ending the program. }
  SetExceptionMask([exInvalidOp, exDenormalized, exZeroDivide, exOverflow, exUnderflow, exPrecision]);
  Variant := ParamStr(1);
  Id := 'pascal-' + Variant;
  Rate := IfThen(Variant = 'diverge', 10, 0.02);
  Epochs := IfThen(Variant = 'diverge', 150, 100);
  Lines := TStringList.Create;
  Lines.LoadFromFile(ParamStr(2));
  ChDir(ParamStr(3));
  for Index := 1 to Lines.Count - 1 do begin
    Cells := Lines[Index].Split(',');
    Row.Length := StrToFloat(Cells[2]);
    Row.Width := StrToFloat(Cells[3]);
    if Index mod 5 = 1 then HeldOut := HeldOut + [Row] else Train := Train + [Row];
  end;
  Lines.Free;

  First := '"runjson": "1.0", "project": "languages", "id": ' + Quoted(Id)
    + ', "name": ' + Quoted('Petals of irises in Pascal: ' + Variant)
    + ', "started_at": ' + Quoted(DateToISO8601(Now, False))
    + ', "tags": ["languages", ' + Quoted('say "hi" \ 🦉'#10#7) + ']'
    + ', "parameters": {"rate": ' + Tagged(Rate) + ', "epochs": ' + IntToStr(Epochs)
    + ', "big": ' + IntToStr(9007199254740993) + ', "note": ' + Quoted('He said: "5 \ 3"'#10#9'naïve 🦉 '#1) + '}'
    + ', "source": {"language": "Pascal", "script": "iris.pas"}'
    + ', "environment": {"version": ' + Quoted('Free Pascal ' + {$I %FPCVERSION%}) + '}';
  Stream := TFileStream.Create(Id + '.run.jsonl', fmCreate);
  Put(Stream, '{' + First + ', "status": "running"}'#10);
  try
    for Epoch := 1 to Epochs do begin
      Found := Fit(Train, Slope, Intercept);
      Log(Stream, TrainLoss, Epoch, Point(Found.Loss));
      if not IsNan(Found.Loss) and not IsInfinite(Found.Loss) then
        Heights := Heights + [Log10(Found.Loss)];
      if Epoch mod 10 = 0 then begin
        Log(Stream, ValidationLoss, Epoch, Point(Fit(HeldOut, Slope, Intercept).Loss));
        Log(Stream, LogText, Epoch, Quoted(Format('epoch %d: loss %.6g', [Epoch, Found.Loss])));
      end;
      if (Variant = 'fail') and (Epoch = 50) then
        TFileStream.Create('no-such-checkpoint', fmOpenRead).Free;
      Slope := Slope - Rate * Found.BySlope;
      Intercept := Intercept - Rate * Found.ByIntercept;
    end;
    Save(Id + '-loss.svg', Drawn(Heights));
    WriteStr(Model, Slope, ' ', Intercept, #10);
    Save(Id + '-model.txt', Model);
    POpen(Sum, 'sha256sum ' + Id + '-model.txt', 'R');
    ReadLn(Sum, Digest);
    PClose(Sum);
    Last := '"status": "succeeded", "properties": {"slope": ' + Tagged(Slope) + ', "intercept": ' + Tagged(Intercept)
      + '}, "images": {"loss": {"path": ' + Quoted(Id + '-loss.svg') + ', "media_type": "image/svg+xml"}}'
      + ', "artifacts": {"model": {"path": ' + Quoted(Id + '-model.txt') + ', "bytes": ' + IntToStr(Length(Model))
      + ', "sha256": ' + Quoted(Copy(Digest, 1, 64)) + '}}';
  except
    on Error: EStreamError do begin
      ExitCode := 1;
      Last := '"status": "failed", "error": {"type": ' + Quoted(Error.ClassName)
        + ', "message": ' + Quoted(Error.Message) + '}';
    end;
  end;
  Last := Last + ', "ended_at": ' + Quoted(DateToISO8601(Now, False));
  Put(Stream, '{' + Last + '}'#10);
  Stream.Free;
  Save(Id + '.run.json', '{' + First + ','#10' "series": {' + Lists(TrainLoss) + ','#10'  ' + Lists(ValidationLoss)
    + '},'#10' "text": {' + Lists(LogText) + '},'#10' ' + Last + '}'#10);
end.
