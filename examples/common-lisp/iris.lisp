;;; Fit a line to the petals of irises, tracked by print statements: SBCL alone.
;;;
;;; sbcl --script iris.lisp fit|diverge|fail DATA FOLDER

(setf *read-default-float-format* 'double-float) ; doubles are read and printed without their d0

;;; -- to copy: texts, numbers, and the time ---------------------------------------------------------------------------

(defun text (value)
  "A text in quotes. The file that it goes to has the external format utf-8."
  (with-output-to-string (out)
    (write-char #\" out)
    (loop for c across value
          do (cond ((find c "\"\\") (format out "\\~c" c))
                   ((< (char-code c) 32) (format out "\\u~4,'0x" (char-code c)))
                   (t (write-char c out))))
    (write-char #\" out)))

(defun point (value)
  "A number of a series; JSON has no NaN and no infinities. Lisp prints every other one with all its digits."
  (cond ((integerp value) (format nil "~d" value))
        ((sb-ext:float-nan-p value) "\"NaN\"")
        ((sb-ext:float-infinity-p value) (if (plusp value) "\"Infinity\"" "\"-Infinity\""))
        (t (let ((*read-default-float-format* (type-of value))) (prin1-to-string value)))))

(defun tagged (value)
  "The same as a property or parameter."
  (let ((found (point value)))
    (if (find #\" found) (format nil "{\"$float\": ~a}" found) found)))

(defun now ()
  "The moment in UTC."
  (multiple-value-bind (second minute hour day month year) (decode-universal-time (get-universal-time) 0)
    (format nil "~d-~2,'0d-~2,'0dT~2,'0d:~2,'0d:~2,'0dZ" year month day hour minute second)))

(defun seconds ()
  "The moment as seconds since 1970."
  (multiple-value-bind (seconds microseconds) (sb-ext:get-time-of-day)
    (format nil "~d.~3,'0d" seconds (floor microseconds 1000))))

;;; -- the experiment --------------------------------------------------------------------------------------------------

(defun fit (rows slope intercept)
  "The mean square of the errors, and its derivatives by slope and intercept."
  (let ((loss 0.0) (by-slope 0.0) (by-intercept 0.0) (n (length rows)))
    (loop for (length width) in rows
          for err = (- (+ (* slope length) intercept) width)
          do (incf loss (* err err))
             (incf by-slope (* 2 err length))
             (incf by-intercept (* 2 err)))
    (values (/ loss n) (/ by-slope n) (/ by-intercept n))))

(defun finitep (value)
  (not (or (sb-ext:float-nan-p value) (sb-ext:float-infinity-p value))))

(defun shown (value &optional (control "~a"))
  "A number for people."
  (if (finitep value) (format nil control value) (string-trim "\"" (point value))))

(defun drawn (losses)
  "The curve of the finite losses as SVG, on a logarithmic axis."
  (let* ((logs (mapcar #'log (remove-if-not #'finitep losses)))
         (low (reduce #'min logs))
         (high (reduce #'max logs))
         (points (loop for height in logs
                       for index from 0
                       collect (/ (* 300.0 index) (length logs))
                       collect (+ 10 (/ (* 180 (- high height)) (- high low))))))
    (format nil "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">~
                 <polyline points=\"~{~,2f,~,2f~^ ~}\" fill=\"none\" stroke=\"black\"/></svg>~%" points)))

(defun petals (row)
  "Length and width, the third and the fourth column."
  (let* ((first (position #\, row :start (1+ (position #\, row))))
         (second (position #\, row :start (1+ first))))
    (list (read-from-string row t nil :start (1+ first) :end second)
          (read-from-string row t nil :start (1+ second) :end (position #\, row :start (1+ second))))))

(destructuring-bind (variant data folder) (last sb-ext:*posix-argv* 3)
  (defvar *variant* variant)
  (defvar *data* (sb-ext:parse-native-namestring data))
  (defvar *folder* folder))

(defvar *id* (format nil "common-lisp-~a" *variant*))
(defvar *stream*)
(defvar *columns* '() "The points as they were printed, newest first: ((series (value step time) ...) ...).")

(defun path (name)
  (sb-ext:parse-native-namestring (format nil "~a/~a" *folder* name)))

(defun save (suffix content)
  (with-open-file (out (path (concatenate 'string *id* suffix))
                       :direction :output :if-exists :supersede :external-format :utf-8)
    (write-string content out)))

(defun sha256 (path)
  (subseq (with-output-to-string (out) (sb-ext:run-program "sha256sum" '() :search t :input path :output out)) 0 64))

(defun put (&rest members)
  (format *stream* "{~{~a~^, ~}}~%" members)
  (finish-output *stream*))

(defun record (kind series value step)
  (let ((time (seconds)))
    (put (format nil "\"step\": ~d, \"time\": ~a, \"~a\": {\"~a\": ~a}" step time kind series value))
    (unless (assoc series *columns* :test #'string=)
      (push (list series) *columns*))
    (push (list value step time) (cdr (assoc series *columns* :test #'string=)))))

(defun column (series)
  (let ((points (reverse (cdr (assoc series *columns* :test #'string=)))))
    (format nil "\"~a\": {\"values\": [~{~a~^, ~}], \"steps\": [~{~a~^, ~}], \"times\": [~{~a~^, ~}]}"
            series (mapcar #'first points) (mapcar #'second points) (mapcar #'third points))))

(defun begin (rate epochs)
  (let ((owl (code-char #x1F989)))
    (format nil "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": ~a, \"name\": ~a, \"started_at\": ~a, ~
                 \"tags\": [\"languages\", ~a], ~
                 \"parameters\": {\"rate\": ~a, \"epochs\": ~a, \"big\": ~a, \"note\": ~a}, ~
                 \"source\": {\"language\": \"Common Lisp\", \"script\": \"iris.lisp\"}, ~
                 \"environment\": {\"version\": ~a}"
            (text *id*) (text (format nil "Petals of irises in Common Lisp: ~a" *variant*)) (text (now))
            (text (format nil "say \"hi\" \\ ~c~%~c" owl (code-char 7)))
            (tagged rate) (tagged epochs) (tagged 9007199254740993)
            (text (format nil "He said: \"5 \\ 3\"~%~cna~cve ~c ~c" #\Tab (code-char #xEF) owl (code-char 1)))
            (text (format nil "~a ~a" (lisp-implementation-type) (lisp-implementation-version))))))

(defun train (train held-out rate epochs)
  "The members that end the run."
  (let ((slope 0.0) (intercept 0.0) (losses '()))
    (loop for epoch from 1 to epochs
          do (multiple-value-bind (loss by-slope by-intercept) (fit train slope intercept)
               (record "series" "train/loss" (point loss) epoch)
               (push loss losses)
               (when (zerop (mod epoch 10))
                 (record "series" "validation/loss" (point (fit held-out slope intercept)) epoch)
                 (record "text" "log" (text (format nil "epoch ~d: loss ~a" epoch (shown loss "~,5e"))) epoch))
               (when (and (string= *variant* "fail") (= epoch 50))
                 (with-open-file (in (path "no-such-checkpoint"))
                   (read-line in)))
               (decf slope (* rate by-slope))
               (decf intercept (* rate by-intercept))))
    (save "-loss.svg" (drawn (reverse losses)))
    (let ((model (format nil "~a ~a~%" (shown slope) (shown intercept))))
      (save "-model.txt" model)
      (format nil "\"status\": \"succeeded\", \"properties\": {\"slope\": ~a, \"intercept\": ~a}, ~
                   \"images\": {\"loss\": {\"path\": \"~a-loss.svg\", \"media_type\": \"image/svg+xml\"}}, ~
                   \"artifacts\": {\"model\": {\"path\": \"~a-model.txt\", \"bytes\": ~d, \"sha256\": \"~a\"}}"
              (tagged slope) (tagged intercept) *id* *id* (length model)
              (sha256 (path (format nil "~a-model.txt" *id*)))))))

(let* ((rows (with-open-file (in *data*)
               (read-line in)
               (loop for row = (read-line in nil) while row collect (petals row))))
       (held-out (loop for row in rows for index from 0 when (zerop (mod index 5)) collect row))
       (train (loop for row in rows for index from 0 unless (zerop (mod index 5)) collect row))
       (diverge (string= *variant* "diverge"))
       (rate (if diverge 10.0 0.02))
       (epochs (if diverge 150 100))
       (begin (begin rate epochs))
       (code 0)
       (end nil))
  (with-open-file (*stream* (path (format nil "~a.run.jsonl" *id*))
                            :direction :output :if-exists :supersede :external-format :utf-8)
    (put begin "\"status\": \"running\"")
    (setf end (handler-case
                  ;; Lisp would make an error of each overflow and each NaN.
                  (sb-int:with-float-traps-masked (:overflow :invalid :inexact)
                    (train train held-out rate epochs))
                (file-error (condition)
                  (setf code 1)
                  (format nil "\"status\": \"failed\", \"error\": {\"type\": ~a, \"message\": ~a}"
                          (text (string-downcase (type-of condition))) (text (princ-to-string condition))))))
    (setf end (format nil "~a, \"ended_at\": ~a" end (text (now))))
    (put end))
  (save ".run.json" (format nil "{~a,~% \"series\": {~a,~%  ~a},~% \"text\": {~a},~% ~a}~%" begin
                            (column "train/loss") (column "validation/loss") (column "log") end))
  (sb-ext:exit :code code))
