! Fit a line to the petals of irises, tracked by write statements: the language alone, and sha256sum.
!
! iris fit|diverge|fail DATA FOLDER

! -- to copy: texts, numbers, and times -------------------------------------------------------------------------------
module json
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use, intrinsic :: ieee_arithmetic, only: ieee_is_finite, ieee_is_nan
  implicit none
contains

  ! A text between its quotes.
  function quoted(text) result(json_text)
    character(*), intent(in) :: text
    character(:), allocatable :: json_text
    character(6) :: escape
    integer :: i
    json_text = '"'
    do i = 1, len(text)
      if (text(i:i) == '"' .or. text(i:i) == '\') then
        json_text = json_text // '\' // text(i:i)
      else if (iachar(text(i:i)) < 32) then
        write (escape, '("\u", z4.4)') iachar(text(i:i))
        json_text = json_text // escape
      else
        json_text = json_text // text(i:i)
      end if
    end do
    json_text = json_text // '"'
  end function

  ! A number of a series; JSON has no NaN and no infinities.
  function point(value) result(text)
    real(real64), intent(in) :: value
    character(:), allocatable :: text
    character(24) :: digits
    if (ieee_is_nan(value)) then
      text = '"NaN"'
    else if (.not. ieee_is_finite(value)) then
      text = merge('"Infinity" ', '"-Infinity"', value > 0)
    else
      write (digits, '(es24.16e3)') value
      text = trim(adjustl(digits))
    end if
  end function

  ! The same as a property or parameter.
  function tagged(value) result(text)
    real(real64), intent(in) :: value
    character(:), allocatable :: text
    text = point(value)
    if (.not. ieee_is_finite(value)) text = '{"$float": ' // text // '}'
  end function

  ! A whole number.
  function whole(value) result(text)
    integer(int64), intent(in) :: value
    character(:), allocatable :: text
    character(20) :: digits
    write (digits, '(i0)') value
    text = trim(digits)
  end function

  ! Seconds since 1970.
  function seconds() result(text)
    character(:), allocatable :: text
    character(24) :: digits
    integer :: v(8), year, month
    integer(int64) :: days
    call date_and_time(values=v)
    year = v(1) - merge(1, 0, v(2) < 3)
    month = modulo(v(2) - 3, 12)
    days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + v(3) - 719469
    write (digits, '(i0, ".", i3.3)') days * 86400 + (v(5) * 60 + v(6) - v(4)) * 60 + v(7), v(8)
    text = trim(digits)
  end function

  ! The moment, with its offset from UTC.
  function now() result(text)
    character(25) :: text
    integer :: v(8)
    call date_and_time(values=v)
    write (text, '(i4.4, 2("-", i2.2), "T", i2.2, 2(":", i2.2), a, i2.2, ":", i2.2)') v(1:3), v(5:7), &
      merge('-', '+', v(4) < 0), abs(v(4)) / 60, mod(abs(v(4)), 60)
  end function
end module

! -- the experiment ---------------------------------------------------------------------------------------------------
program iris
  use json
  use, intrinsic :: iso_fortran_env, only: compiler_version
  implicit none

  type :: column
    character(:), allocatable :: kind, name, values, steps, times
  end type

  character(*), parameter :: lf = achar(10)
  character(:), allocatable :: variant, folder, id, first, last, base, model
  character(200) :: line
  character(1000) :: message
  type(column) :: train_loss, validation_loss, log_text
  real(real64), allocatable :: train(:, :), held_out(:, :), losses(:)
  real(real64) :: cells(4), found(3), other(3), slope, intercept, rate
  integer :: stream, unit, row, epoch, epochs, problem

  variant = argument(1)
  folder = argument(3)
  id = 'fortran-' // variant
  base = folder // '/' // id
  rate = merge(10.0_real64, 0.02_real64, variant == 'diverge')
  epochs = merge(150, 100, variant == 'diverge')
  train_loss = column('series', 'train/loss', '', '', '')
  validation_loss = column('series', 'validation/loss', '', '', '')
  log_text = column('text', 'log', '', '', '')

  allocate (train(2, 0), held_out(2, 0), losses(0))
  open (newunit=unit, file=argument(2), status='old', action='read')
  read (unit, *)
  do row = 0, huge(row) - 1
    read (unit, *, iostat=problem) cells
    if (problem /= 0) exit
    if (mod(row, 5) == 0) then
      held_out = reshape([held_out, cells(3:4)], [2, size(held_out, 2) + 1])
    else
      train = reshape([train, cells(3:4)], [2, size(train, 2) + 1])
    end if
  end do
  close (unit)

  first = '"runjson": "1.0", "project": "languages", "id": ' // quoted(id) // ', "name": ' // &
    quoted('Petals of irises in Fortran: ' // variant) // ', "started_at": "' // now() // '", "tags": ["languages", ' // &
    quoted('say "hi" \ 🦉' // lf // achar(7)) // '], "parameters": {"rate": ' // tagged(rate) // ', "epochs": ' // &
    whole(int(epochs, int64)) // ', "big": ' // whole(9007199254740993_int64) // ', "note": ' // &
    quoted('He said: "5 \ 3"' // lf // achar(9) // 'naïve 🦉 ' // achar(1)) // &
    '}, "source": {"language": "Fortran", "script": "iris.f90"}, "environment": {"version": ' // quoted(compiler_version()) // '}'
  open (newunit=stream, file=base // '.run.jsonl', status='replace', action='write')
  call write_line('{' // first // ', "status": "running"}')

  slope = 0
  intercept = 0
  problem = 0
  do epoch = 1, epochs
    found = fit(train)
    losses = [losses, found(1)]
    call log_point(train_loss, point(found(1)))
    if (mod(epoch, 10) == 0) then
      other = fit(held_out)
      call log_point(validation_loss, point(other(1)))
      write (line, '("epoch ", i0, ": loss ", g0.6)') epoch, found(1)
      call log_point(log_text, quoted(trim(line)))
    end if
    if (variant == 'fail' .and. epoch == 50) then
      open (newunit=unit, file=folder // '/no-such-checkpoint', status='old', action='read', iostat=problem, iomsg=message)
      if (problem /= 0) exit
    end if
    slope = slope - rate * found(2)
    intercept = intercept - rate * found(3)
  end do

  if (problem /= 0) then
    last = '"status": "failed", "error": {"type": "iostat ' // whole(int(problem, int64)) // '", "message": ' // &
      quoted(trim(message)) // '}'
  else
    call draw(base // '-loss.svg')
    write (line, '(g0, 1x, g0)') slope, intercept
    model = trim(line) // lf
    call write_file(base // '-model.txt', model)
    last = '"status": "succeeded", "properties": {"slope": ' // tagged(slope) // ', "intercept": ' // tagged(intercept) // &
      '}, "images": {"loss": {"path": ' // quoted(id // '-loss.svg') // ', "media_type": "image/svg+xml"}}' // &
      ', "artifacts": {"model": {"path": ' // quoted(id // '-model.txt') // ', "bytes": ' // &
      whole(len(model, int64)) // ', "sha256": "' // digest(base // '-model.txt') // '"}}'
  end if
  last = last // ', "ended_at": "' // now() // '"'
  call write_line('{' // last // '}')
  close (stream)
  call write_file(base // '.run.json', '{' // first // ',' // lf // ' "series": {' // columns(train_loss) // ',' // lf // '  ' // &
    columns(validation_loss) // '},' // lf // ' "text": {' // columns(log_text) // '},' // lf // ' ' // last // '}' // lf)
  if (problem /= 0) stop 1, quiet=.true.

contains

  function argument(number) result(text)
    integer, intent(in) :: number
    character(:), allocatable :: text
    integer :: length
    call get_command_argument(number, length=length)
    allocate (character(length) :: text)
    call get_command_argument(number, text)
  end function

  ! Write one line of the stream at once.
  subroutine write_line(text)
    character(*), intent(in) :: text
    write (stream, '(a)') text
    flush (stream)
  end subroutine

  subroutine log_point(log, value)
    type(column), intent(inout) :: log
    character(*), intent(in) :: value
    character(:), allocatable :: step, time, comma
    step = whole(int(epoch, int64))
    time = seconds()
    call write_line('{"step": ' // step // ', "time": ' // time // ', "' // log%kind // '": {"' // &
      log%name // '": ' // value // '}}')
    comma = ', '
    if (log%steps == '') comma = ''
    log%values = log%values // comma // value
    log%steps = log%steps // comma // step
    log%times = log%times // comma // time
  end subroutine

  function columns(log) result(text)
    type(column), intent(in) :: log
    character(:), allocatable :: text
    text = '"' // log%name // '": {"values": [' // log%values // '], "steps": [' // log%steps // &
      '], "times": [' // log%times // ']}'
  end function

  ! The mean square of the errors, and its derivatives by slope and intercept.
  function fit(rows) result(mean)
    real(real64), intent(in) :: rows(:, :)
    real(real64) :: mean(3), error
    integer :: i
    mean = 0
    do i = 1, size(rows, 2)
      error = slope * rows(1, i) + intercept - rows(2, i)
      mean = mean + [error * error, 2 * error * rows(1, i), 2 * error]
    end do
    mean = mean / size(rows, 2)
  end function

  ! The curve of the finite losses as SVG, on a logarithmic axis.
  subroutine draw(path)
    character(*), intent(in) :: path
    real(real64), allocatable :: logs(:)
    character(:), allocatable :: points
    integer :: i
    logs = log10(pack(losses, ieee_is_finite(losses)))
    points = ''
    do i = 1, size(logs)
      write (line, '(f0.2, ",", f0.2)') 300.0 * i / size(logs), 10 + 180 * (maxval(logs) - logs(i)) / (maxval(logs) - minval(logs))
      points = points // ' ' // trim(line)
    end do
    call write_file(path, '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">' // &
      '<polyline points="' // points // '" fill="none" stroke="black"/></svg>' // lf)
  end subroutine

  subroutine write_file(path, text)
    character(*), intent(in) :: path, text
    open (newunit=unit, file=path, status='replace', access='stream', action='write')
    write (unit) text
    close (unit)
  end subroutine

  ! The SHA-256 of a file. The language has none, and no pipe.
  function digest(path) result(digits)
    character(*), intent(in) :: path
    character(64) :: digits
    character(:), allocatable :: name
    integer :: i
    name = ''
    do i = 1, len(path)
      name = name // path(i:i)
      if (path(i:i) == "'") name = name // "\''"
    end do
    call execute_command_line("sha256sum <'" // name // "' >'" // name // ".sha256'")
    open (newunit=unit, file=path // '.sha256', status='old', action='read')
    read (unit, '(a)') digits
    close (unit, status='delete')
  end function
end program
