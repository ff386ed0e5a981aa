# The image of web, workers and beat: `docker compose up --build` runs them all.

FROM node:24-slim AS frontend
WORKDIR /app/socialops/frontend
COPY socialops/frontend/package.json socialops/frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY socialops/frontend ./
RUN npm run build

FROM python:3.12-slim AS packages
RUN pip install --no-cache-dir uv
ENV UV_PROJECT_ENVIRONMENT=/venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-default-groups --no-install-project

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app:/app/calendar \
    DJANGO_SETTINGS_MODULE=socialops.settings.production \
    SOCIALOPS_STATIC_ROOT=/app/static \
    SOCIALOPS_MEDIA_DIR=/data/media \
    CELERY_BEAT_SCHEDULE=/data/beat-schedule \
    MALLOC_ARENA_MAX=2
RUN useradd --system --uid 10001 --create-home --home-dir /data socialops
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY socialops socialops
COPY teams teams
COPY calendar calendar
COPY reputation reputation
COPY kpis kpis
COPY templates templates
COPY locale locale
COPY --from=frontend /app/socialops/static/dist socialops/static/dist
# Neither command touches the database or the broker; the values only let the settings be read.
RUN SECRET_KEY=build SOCIALOPS_ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ALLOWED_HOSTS=build \
    DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build \
    sh -c 'python manage.py compile_translations && python manage.py collectstatic --noinput'
USER socialops
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "socialops.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
