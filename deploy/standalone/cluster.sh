#!/usr/bin/env bash
# A real standalone Spark cluster on this machine, from the Spark jars of the build: one Master and
# N Workers, each its own JVM. Also submits to it. Nothing is downloaded; JAVA_HOME chooses the JDK.
#
#   cluster.sh start [--workers N] [--cores C] [--memory M]   prints the master's URL;
#                                                             C may be a list, one for each Worker
#   cluster.sh submit [spark-submit options] JAR COMMAND…     runs SparkSubmit against it
#   cluster.sh status                                         pids of Master, Workers and executors
#   cluster.sh stop                                           ends all of them
#
# State (pids, logs, work folders) lies in $BACKDRAFT_CLUSTER_DIR, default deploy/target/standalone.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../.." && pwd)
state=${BACKDRAFT_CLUSTER_DIR:-$root/deploy/target/standalone}
host=${BACKDRAFT_CLUSTER_HOST:-127.0.0.1}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

export SPARK_HOME="$root/deploy/target/spark" SPARK_SCALA_VERSION=2.13
export SPARK_LOCAL_IP="$host"
# The daemons log what the script waits for; drivers and executors keep the quiet settings.
classpath="$here/conf:$SPARK_HOME/jars/*"

fail() {
  echo "cluster.sh: $*" >&2
  exit 2
}

# wait_for FILE PATTERN SECONDS PID: until a line of FILE matches, the process ends or time is up.
wait_for() {
  local end=$((SECONDS + $3))
  until grep -qE "$2" "$1" 2>/dev/null; do
    kill -0 "$4" 2>/dev/null || { tail -n 20 "$1" >&2; fail "process $4 ended; its log is $1"; }
    ((SECONDS < end)) || { tail -n 20 "$1" >&2; fail "no '$2' within $3 s; the log is $1"; }
    sleep 0.2
  done
}

# daemon NAME CLASS ARGS…: starts a JVM of its own process group, remembers its pid. Daemons do little:
# the quick compiler alone and the small collector leave the cores to drivers and executors.
daemon() {
  local name=$1
  shift
  setsid "$java" @"$root/deploy/conf/jvm.options" -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
    -cp "$classpath" "$@" \
    </dev/null >"$state/$name.log" 2>&1 &
  echo $! >"$state/$name.pid"
}

start() {
  local workers=2 cores=1 memory=2g
  while (($#)); do
    case $1 in
      --workers) workers=$2 ;;
      --cores) cores=$2 ;;
      --memory) memory=$2 ;;
      *) fail "unknown option $1; start takes --workers N, --cores C[,C…], --memory M" ;;
    esac
    shift 2
  done
  [[ -d $SPARK_HOME/jars ]] || fail "no Spark jars in $SPARK_HOME/jars; run ./mvnw package first"
  [[ ! -e $state/master.pid ]] || fail "a cluster is already there in $state; stop it first"
  mkdir -p "$state"
  daemon master org.apache.spark.deploy.master.Master \
    --host "$host" --port "${BACKDRAFT_CLUSTER_PORT:-0}" --webui-port 0
  wait_for "$state/master.log" 'Starting Spark master at' 60 "$(cat "$state/master.pid")"
  grep -oE 'Starting Spark master at spark://[^ ]+' "$state/master.log" | head -n 1 |
    sed 's/.* at //' >"$state/url"
  local i
  for ((i = 1; i <= workers; i++)); do
    # The list's last number is for all Workers that are left.
    daemon "worker-$i" org.apache.spark.deploy.worker.Worker --host "$host" --webui-port 0 \
      --cores "${cores%%,*}" --memory "$memory" --work-dir "$state/work-$i" "$(cat "$state/url")"
    cores=${cores#*,}
  done
  for ((i = 1; i <= workers; i++)); do
    wait_for "$state/worker-$i.log" 'Successfully registered with master' 60 \
      "$(cat "$state/worker-$i.pid")"
  done
  cat "$state/url"
}

submit() {
  [[ -e $state/url ]] || fail "no cluster in $state; run cluster.sh start first"
  exec "$java" @"$root/deploy/conf/jvm.options" ${BACKDRAFT_DRIVER_OPTS:--Xmx1g} \
    -cp "$root/deploy/conf:$SPARK_HOME/jars/*" org.apache.spark.deploy.SparkSubmit \
    --master "$(cat "$state/url")" --conf spark.driver.host="$host" "$@"
}

status() {
  local file
  for file in "$state"/*.pid; do
    [[ -e $file ]] || continue
    local pid name
    pid=$(cat "$file")
    name=$(basename "$file" .pid)
    if kill -0 "$pid" 2>/dev/null; then
      echo "$name $pid"
      pgrep -P "$pid" 2>/dev/null | sed "s/^/$name-executor /" || true
    else
      echo "$name ended"
    fi
  done
}

stop() {
  local file pid pids=()
  for file in "$state"/worker-*.pid "$state"/master.pid; do
    [[ -e $file ]] || continue
    pid=$(cat "$file")
    # Executors are children of their Worker; a stopped one only hears SIGKILL.
    pids+=($(pgrep -P "$pid" 2>/dev/null || true))
    pids+=("$pid")
    kill "$pid" 2>/dev/null || true
  done
  local end=$((SECONDS + 10)) left=1
  while ((left && SECONDS < end)); do
    left=0
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null && left=1; done
    ((left)) && sleep 0.2
  done
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  rm -f "$state"/*.pid "$state/url"
}

command=${1:-help}
(($#)) && shift
case $command in
  start | submit | status | stop) "$command" "$@" ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
esac
