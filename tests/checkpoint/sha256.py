"""Prints the SHA-256 of what comes on stdin."""
import hashlib
import sys

print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())
