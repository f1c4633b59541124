"""Writes an archive as learning platforms export them."""
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as file:
    file.writestr("class/anna/01_data.ipynb", "a" * 10000)
    file.writestr(zipfile.ZipInfo("class/ben/01_data.ipynb"), "b")
    file.writestr("class/../../evil_01_data.ipynb", "c")
    file.writestr("__MACOSX/class/anna/01_data.ipynb", "d")
