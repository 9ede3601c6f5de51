! Fit a line to the petals of irises, tracked by write statements: gfortran, and sha256sum.
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
      if (iachar(text(i:i)) < 32) then
        write (escape, '("\u", z4.4)') iachar(text(i:i))
        json_text = json_text // escape
      else
        if (scan(text(i:i), '"\') > 0) json_text = json_text // '\'
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
    write (digits, '(es24.16e3)') value
    text = trim(adjustl(digits))
    if (ieee_is_nan(value)) text = '"NaN"'
    if (value > huge(value)) text = '"Infinity"'
    if (value < -huge(value)) text = '"-Infinity"'
  end function

  ! The same as a property or parameter.
  function tagged(value) result(text)
    real(real64), intent(in) :: value
    character(:), allocatable :: text
    text = point(value)
    if (.not. ieee_is_finite(value)) text = '{"$float": ' // text // '}'
  end function

  ! Seconds since 1970. The language has no such clock: the Julian day comes from Fliegel and Van Flandern.
  function seconds() result(text)
    character(14) :: text
    integer :: v(8), day
    call date_and_time(values=v)
    day = v(3) - 2472663 + 1461 * (v(1) + 4800 + (v(2) - 14) / 12) / 4 &
      + 367 * (v(2) - 2 - (v(2) - 14) / 12 * 12) / 12 - 3 * ((v(1) + 4900 + (v(2) - 14) / 12) / 100) / 4
    write (text, '(i0, ".", i3.3)') 86400_int64 * day + 3600 * v(5) + 60 * (v(6) - v(4)) + v(7), v(8)
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

  ! What was logged under one name, as it was printed, for the document.
  type :: column
    character(:), allocatable :: kind, name, values, steps, times
  end type

  character(*), parameter :: lf = achar(10), tab = achar(9)
  integer, parameter :: flowers = 150
  character(4000) :: arguments(3), first, last
  character(200) :: message
  character(64) :: text, digest
  character(:), allocatable :: variant, id
  type(column) :: train_loss, validation_loss, log_text
  real(real64) :: cells(4, flowers), train(4, flowers * 4 / 5), held_out(4, flowers / 5)
  real(real64) :: found(3), other(3), rate, slope = 0, intercept = 0
  real(real64), allocatable :: heights(:)
  integer :: stream, unit, i, epoch, epochs, bytes, problem = 0

  do i = 1, 3
    call get_command_argument(i, arguments(i))
  end do
  variant = trim(arguments(1))
  id = 'fortran-' // variant
  rate = merge(10.0_real64, 0.02_real64, variant == 'diverge')
  epochs = merge(150, 100, variant == 'diverge')
  open (newunit=unit, file=arguments(2), status='old', action='read')
  read (unit, *)
  do i = 1, flowers
    read (unit, *) cells(:, i)
  end do
  held_out = cells(:, 1::5)
  train = cells(:, pack([(i, i = 1, flowers)], [(mod(i, 5) /= 1, i = 1, flowers)]))
  call chdir(trim(arguments(3)), problem)
  if (problem /= 0) error stop 'FOLDER is not there'

  write (first, '(*(g0))') '"runjson": "1.0", "project": "languages", "id": ', quoted(id), &
    ', "name": ', quoted('Petals of irises in Fortran: ' // variant), ', "started_at": ', quoted(now()), &
    ', "tags": ["languages", ', quoted('say "hi" \ 🦉' // lf // achar(7)), &
    '], "parameters": {"rate": ', tagged(rate), ', "epochs": ', epochs, ', "big": ', 9007199254740993_int64, &
    ', "note": ', quoted('He said: "5 \ 3"' // lf // tab // 'naïve 🦉 ' // achar(1)), &
    '}, "source": {"language": "Fortran", "script": "iris.f90"}', &
    ', "environment": {"version": ', quoted(compiler_version()), '}'
  open (newunit=stream, file=id // '.run.jsonl', status='replace', action='write')
  write (stream, '(a)') '{' // trim(first) // ', "status": "running"}'
  flush (stream)

  train_loss = column('series', 'train/loss', '', '', '')
  validation_loss = column('series', 'validation/loss', '', '', '')
  log_text = column('text', 'log', '', '', '')
  allocate (heights(0))
  do epoch = 1, epochs
    found = fit(train)
    call log_point(train_loss, point(found(1)))
    if (ieee_is_finite(found(1))) heights = [heights, log10(found(1))]
    if (mod(epoch, 10) == 0) then
      other = fit(held_out)
      call log_point(validation_loss, point(other(1)))
      write (text, '("epoch ", i0, ": loss ", g0.6)') epoch, found(1)
      call log_point(log_text, quoted(trim(text)))
    end if
    if (variant == 'fail' .and. epoch == 50) then
      open (newunit=unit, file='no-such-checkpoint', status='old', action='read', iostat=problem, iomsg=message)
      if (problem /= 0) exit
    end if
    slope = slope - rate * found(2)
    intercept = intercept - rate * found(3)
  end do

  if (problem /= 0) then
    write (last, '(*(g0))') '"status": "failed", "error": {"type": "iostat ', problem, '", "message": ', &
      quoted(trim(message)), '}, "ended_at": ', quoted(now())
  else
    ! The curve of the logarithms of the losses, as SVG.
    open (newunit=unit, file=id // '-loss.svg', status='replace', action='write')
    write (unit, '(a)') '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="'
    write (unit, '(f0.2, ",", f0.2)') (300.0 * i / size(heights), &
      10 + 180 * (maxval(heights) - heights(i)) / (maxval(heights) - minval(heights)), i = 1, size(heights))
    write (unit, '(a)') '" fill="none" stroke="black"/></svg>'
    close (unit)
    open (newunit=unit, file=id // '-model.txt', status='replace', action='write')
    write (unit, '(g0, 1x, g0)') slope, intercept
    close (unit)
    inquire (file=id // '-model.txt', size=bytes)
    call execute_command_line('sha256sum ' // id // '-model.txt > ' // id // '.sha256')
    open (newunit=unit, file=id // '.sha256', status='old', action='read')
    read (unit, '(a)') digest
    close (unit, status='delete')
    write (last, '(*(g0))') '"status": "succeeded", "properties": {"slope": ', tagged(slope), &
      ', "intercept": ', tagged(intercept), '}, "images": {"loss": {"path": ', quoted(id // '-loss.svg'), &
      ', "media_type": "image/svg+xml"}}, "artifacts": {"model": {"path": ', quoted(id // '-model.txt'), &
      ', "bytes": ', bytes, ', "sha256": ', quoted(digest), '}}, "ended_at": ', quoted(now())
  end if
  write (stream, '(a)') '{' // trim(last) // '}'
  open (newunit=unit, file=id // '.run.json', status='replace', action='write')
  write (unit, '(a)') '{' // trim(first) // ',', ' "series": {' // lists(train_loss) // ',', &
    '  ' // lists(validation_loss) // '},', ' "text": {' // lists(log_text) // '},', ' ' // trim(last) // '}'
  if (problem /= 0) stop 1, quiet=.true.

contains

  ! Write one line of the stream at once, and keep what was printed.
  subroutine log_point(log, value)
    type(column), intent(inout) :: log
    character(*), intent(in) :: value
    character(14) :: step, time
    write (step, '(i0)') epoch
    time = seconds()
    write (stream, '(*(g0))') '{"step": ', epoch, ', "time": ', time, &
      ', "', log%kind, '": {"', log%name, '": ', value, '}}'
    flush (stream)
    log%values = log%values // ', ' // value
    log%steps = log%steps // ', ' // trim(step)
    log%times = log%times // ', ' // time
  end subroutine

  ! All of a column, without the first comma of each list.
  function lists(log) result(json_text)
    type(column), intent(in) :: log
    character(:), allocatable :: json_text
    json_text = '"' // log%name // '": {"values": [' // log%values(3:) // '], "steps": [' // log%steps(3:) // &
      '], "times": [' // log%times(3:) // ']}'
  end function

  ! The mean square of the errors, and its derivatives by slope and intercept.
  function fit(rows) result(mean)
    real(real64), intent(in) :: rows(:, :)
    real(real64) :: mean(3), errors(size(rows, 2))
    errors = slope * rows(3, :) + intercept - rows(4, :)
    mean = [sum(errors**2), sum(2 * errors * rows(3, :)), sum(2 * errors)] / size(errors)
  end function
end program
