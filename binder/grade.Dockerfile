# Grades a class in a container: the sandbox of each notebook is inside of it.
#   docker build -t grade-course -f binder/grade.Dockerfile .
# docs/TEACHING.md says how it is started, and why with these rights.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/*
# Not root: the system counts the threads of everybody else.
RUN useradd --create-home --uid 1000 teacher \
    && install -d -o 1000 -g 1000 /home/teacher/course
WORKDIR /home/teacher/course
COPY --chown=1000:1000 . .
USER teacher

# The first start installs everything; from then on no network is needed.
RUN ./denow --version

ENTRYPOINT ["./denow", "task", "grade"]
