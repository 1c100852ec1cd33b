# The browser app in a container: docs/serve.md. On a machine with an NVIDIA GPU:
# docker build --build-arg REQUIREMENTS=requirements-gpu.txt -t genre-explorer .
FROM python:3.12-slim

# The app runs as somebody who may write into /data alone, and into /cache what numba compiles.
RUN useradd --create-home --uid 10001 explorer \
 && install --directory --owner=explorer /data /cache
ENV GENRE_HOME=/data NUMBA_CACHE_DIR=/cache PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1

WORKDIR /app
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-gpu.txt ./
RUN pip install --prefer-binary -r ${REQUIREMENTS}

COPY app.py NOTICE LICENSE ./
COPY .streamlit .streamlit
COPY genre_core genre_core
COPY pages pages
COPY models models
COPY assets assets

USER explorer
# Loops over songs are compiled now, so that the first visitor need not wait for it.
RUN ["python", "-c", "from genre_core.audio.frames import warm_up; warm_up()"]

VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
# Without browser.serverAddress Streamlit asks a server elsewhere what this one's address is.
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", "--browser.serverAddress=localhost"]
