@echo off
rem denow.cmd: what denow is elsewhere. It runs this project's Deno with the arguments given, setting the
rem project up where needed. Needs Python 3.10 to 3.13 of 64 bits; all it makes lies in .venv and
rem node_modules. The work itself is in scripts\denow_windows.py: here a Python is found for it.
setlocal
set "rule=import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13) or sys.maxsize < 2 ** 32)"
set "found="
for %%P in ("py -3.12" "py -3.13" "py -3.11" "py -3.10" "python" "python3") do if not defined found call :try %%~P
if not defined found (
  echo denow: Cannot set up: expected Python 3.10 to 3.13 of 64 bits, got none>&2
  echo denow: Cure: install Python 3.12 from python.org, or by: winget install Python.Python.3.12>&2
  exit /b 1
)
%found% "%~dp0scripts\denow_windows.py" %*
exit /b %errorlevel%

:try
%* -c "%rule%" >nul 2>nul
if %errorlevel%==0 set "found=%*"
exit /b 0
