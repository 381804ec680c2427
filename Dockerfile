FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 gettext && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/portal
COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/runtime.txt
COPY . .
RUN msgfmt -o locale/de/LC_MESSAGES/django.mo locale/de/LC_MESSAGES/django.po && useradd --system portal \
    && mkdir -p /var/lib/portal/documents /var/lib/portal/static && chown -R portal /var/lib/portal
USER portal
