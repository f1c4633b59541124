"""Prints the rows of a CSV file as Python's own csv module reads them."""
import csv
import json
import sys

with open(sys.argv[1], newline="", encoding="utf-8") as file:
    print(json.dumps(list(csv.reader(file))))
