(* Fit a line to the petals of irises, tracked by print statements: the standard library, unix, and sha256sum.

   iris fit|diverge|fail DATA FOLDER *)

open Printf

(* -- to copy: texts, numbers, and times -------------------------------------------------------------------------- *)

(* A text between its quotes. The text is UTF-8. *)
let quoted text =
  let out = Buffer.create (String.length text + 2) in
  let add = function
    | ('"' | '\\') as c -> bprintf out "\\%c" c
    | '\000' .. '\031' as c -> bprintf out "\\u%04x" (Char.code c)
    | c -> Buffer.add_char out c
  in
  String.iter add text;
  "\"" ^ Buffer.contents out ^ "\""

(* A number of a series; JSON has no NaN and no infinities. *)
let point value =
  match classify_float value with
  | FP_nan -> {|"NaN"|}
  | FP_infinite -> if value > 0. then {|"Infinity"|} else {|"-Infinity"|}
  | _ -> sprintf "%.17g" value

(* The same as a property or parameter. *)
let tagged value = if Float.is_finite value then point value else sprintf {|{"$float": %s}|} (point value)

(* Seconds since 1970. *)
let seconds () = sprintf "%.3f" (Unix.gettimeofday ())

(* The moment, in UTC. *)
let now () =
  let t = Unix.gmtime (Unix.time ()) in
  sprintf "%04d-%02d-%02dT%02d:%02d:%02dZ" (t.tm_year + 1900) (t.tm_mon + 1) t.tm_mday t.tm_hour t.tm_min t.tm_sec

(* -- the experiment ---------------------------------------------------------------------------------------------- *)

(* What was logged under one name, for the document; the newest first. *)
type column = { kind : string; name : string; mutable entries : (string * int * string) list }

let column kind name = { kind; name; entries = [] }

let column_text { name; entries; _ } =
  let part text = String.concat ", " (List.rev_map text entries) in
  sprintf {|%s: {"values": [%s], "steps": [%s], "times": [%s]}|} (quoted name)
    (part (fun (value, _, _) -> value))
    (part (fun (_, step, _) -> string_of_int step))
    (part (fun (_, _, time) -> time))

(* Write one line at once. *)
let write stream record =
  output_string stream (record ^ "\n");
  flush stream

let log stream column value step =
  let time = seconds () in
  write stream (sprintf {|{"step": %d, "time": %s, "%s": {"%s": %s}}|} step time column.kind column.name value);
  column.entries <- (value, step, time) :: column.entries

let write_file path text =
  let out = open_out_bin path in
  output_string out text;
  close_out out

let read_lines path =
  let input = open_in_bin path in
  let rec go lines = match input_line input with line -> go (line :: lines) | exception End_of_file -> List.rev lines in
  let lines = go [] in
  close_in input;
  lines

(* The mean square of the errors, and its derivatives by slope and intercept. *)
let fit rows slope intercept =
  let add (loss, by_slope, by_intercept) (length, width) =
    let error = (slope *. length) +. intercept -. width in
    (loss +. (error *. error), by_slope +. (2. *. error *. length), by_intercept +. (2. *. error))
  in
  let loss, by_slope, by_intercept = List.fold_left add (0., 0., 0.) rows in
  let count = float_of_int (List.length rows) in
  (loss /. count, by_slope /. count, by_intercept /. count)

(* The curve of the finite losses as SVG, on a logarithmic axis. *)
let drawn losses =
  let logs = List.map log10 (List.filter Float.is_finite losses) in
  let low = List.fold_left min infinity logs and high = List.fold_left max neg_infinity logs in
  let count = float_of_int (List.length logs) in
  let place index height =
    sprintf "%.2f,%.2f" (300. *. float_of_int index /. count) (10. +. (180. *. (high -. height) /. (high -. low)))
  in
  sprintf {|<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">%s</svg>|}
    (sprintf {|<polyline points="%s" fill="none" stroke="black"/>|} (String.concat " " (List.mapi place logs)))
  ^ "\n"

(* The SHA-256 of a file. The standard library has none. *)
let digest path =
  let sum = Unix.open_process_in ("sha256sum < " ^ Filename.quote path) in
  let line = input_line sum in
  ignore (Unix.close_process_in sum);
  String.sub line 0 64

let () =
  let variant = Sys.argv.(1) and folder = Sys.argv.(3) in
  let rate, epochs = if variant = "diverge" then (10., 150) else (0.02, 100) in
  let id = "ocaml-" ^ variant in
  let file name = Filename.concat folder name in

  let pair line = Scanf.sscanf line "%f,%f,%f,%f" (fun _ _ length width -> (length, width)) in
  let pairs = List.map pair (List.tl (read_lines Sys.argv.(2))) in
  let held_out = List.filteri (fun index _ -> index mod 5 = 0) pairs in
  let train = List.filteri (fun index _ -> index mod 5 <> 0) pairs in

  let first =
    String.concat ", "
      [
        sprintf {|"runjson": "1.0", "project": "languages", "id": %s|} (quoted id);
        sprintf {|"name": %s, "started_at": "%s"|} (quoted ("Petals of irises in OCaml: " ^ variant)) (now ());
        sprintf {|"tags": ["languages", %s]|} (quoted "say \"hi\" \\ 🦉\n\007");
        sprintf {|"parameters": {"rate": %s, "epochs": %d, "big": %d|} (tagged rate) epochs 9007199254740993;
        sprintf {|"note": %s}|} (quoted "He said: \"5 \\ 3\"\n\tnaïve 🦉 \001");
        sprintf {|"source": {"language": "OCaml", "script": "iris.ml"}, "environment": {"version": %s}|} (quoted Sys.ocaml_version);
      ]
  in
  let stream = open_out_bin (file (id ^ ".run.jsonl")) in
  write stream (sprintf {|{%s, "status": "running"}|} first);

  let train_loss = column "series" "train/loss" and validation_loss = column "series" "validation/loss" in
  let log_text = column "text" "log" in
  let rec go epoch slope intercept losses =
    if epoch > epochs then (slope, intercept, List.rev losses)
    else begin
      let loss, by_slope, by_intercept = fit train slope intercept in
      log stream train_loss (point loss) epoch;
      if epoch mod 10 = 0 then begin
        let validation, _, _ = fit held_out slope intercept in
        log stream validation_loss (point validation) epoch;
        log stream log_text (quoted (sprintf "epoch %d: loss %.6g" epoch loss)) epoch
      end;
      if variant = "fail" && epoch = 50 then close_in (open_in_bin (file "no-such-checkpoint"));
      go (epoch + 1) (slope -. (rate *. by_slope)) (intercept -. (rate *. by_intercept)) (loss :: losses)
    end
  in
  let code, result =
    match go 1 0. 0. [] with
    | slope, intercept, losses ->
        let image = id ^ "-loss.svg" and model = id ^ "-model.txt" in
        write_file (file image) (drawn losses);
        let text = sprintf "%.17g %.17g\n" slope intercept in
        write_file (file model) text;
        ( 0,
          String.concat ", "
            [
              sprintf {|"status": "succeeded", "properties": {"slope": %s, "intercept": %s}|} (tagged slope) (tagged intercept);
              sprintf {|"images": {"loss": {"path": %s, "media_type": "image/svg+xml"}}|} (quoted image);
              sprintf {|"artifacts": {"model": {"path": %s, "bytes": %d|} (quoted model) (String.length text);
              sprintf {|"sha256": "%s"}}|} (digest (file model));
            ] )
    | exception Sys_error message ->
        (1, sprintf {|"status": "failed", "error": {"type": "Sys_error", "message": %s}|} (quoted message))
  in
  let last = sprintf {|%s, "ended_at": "%s"|} result (now ()) in
  write stream (sprintf "{%s}" last);
  close_out stream;
  write_file (file (id ^ ".run.json"))
    (sprintf "{%s,\n \"series\": {%s,\n  %s},\n \"text\": {%s},\n %s}\n" first (column_text train_loss)
       (column_text validation_loss) (column_text log_text) last);
  exit code
