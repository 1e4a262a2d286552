#!/bin/sh
# Starts the connector server with the verbs of the Java one.
#
# Environment:
#   CONNECTOR_SERVER_HOME  installation directory; default: the one that holds this script's directory
#   OPENICF_OPTS           Java options, of which -Dconnectorserver.* count; never printed
#   OPENICF_PID_FILE       default: $CONNECTOR_SERVER_HOME/.openicf.pid
#   RCS_BINARY             the program; default: bin/rcs in the installation directory, else rcs on the PATH

set -eu

usage() {
    cat <<'USAGE'
Usage: ConnectorServer.sh <verb> [-D<key>=<value>]... [-J<java option>]...
  /run              run the server in the foreground
  /start            the same, as a service
  /setKey [key]     set the shared key; asks for it when it is not given
  /version          print the version
  -D, -J-D          set a key of the configuration, as in -Dconnectorserver.port=8759
USAGE
}

# Leaves the process id behind, which exec does not change. A read-only installation has none.
write_pid_file() {
    { echo $$ >"${OPENICF_PID_FILE:-$CONNECTOR_SERVER_HOME/.openicf.pid}"; } 2>/dev/null || :
}

run() {
    # Puts each argument that is kept behind the others, so that one round leaves exactly those.
    count=$#
    while [ "$count" -gt 0 ]; do
        argument=$1
        shift
        count=$((count - 1))
        case $argument in
            -J-D*) set -- "$@" "${argument#-J}" ;;
            -J*) ;;
            *) set -- "$@" "$argument" ;;
        esac
    done
    write_pid_file
    exec "$RCS_BINARY" run "$@"
}

set_key() {
    [ $# -gt 0 ] || exec "$RCS_BINARY" set-key
    echo "Warning: a key on the command line can be seen in the list of processes and in the shell's history." >&2
    # printf is part of the shell, so here the key shows nowhere else.
    printf '%s\n' "$1" | "$RCS_BINARY" set-key
}

if [ -z "${CONNECTOR_SERVER_HOME:-}" ]; then
    # The script may have been called through a link.
    script=$0
    while [ -h "$script" ]; do
        target=$(readlink "$script")
        case $target in
            /*) script=$target ;;
            *) script=$(dirname "$script")/$target ;;
        esac
    done
    CONNECTOR_SERVER_HOME=$(cd "$(dirname "$script")/.." && pwd -P)
fi
if [ ! -d "$CONNECTOR_SERVER_HOME/bin" ]; then
    echo "CONNECTOR_SERVER_HOME is not an installation directory: $CONNECTOR_SERVER_HOME" >&2
    exit 1
fi
export CONNECTOR_SERVER_HOME
cd "$CONNECTOR_SERVER_HOME"

if [ -z "${RCS_BINARY:-}" ]; then
    RCS_BINARY=rcs
    [ ! -x "$CONNECTOR_SERVER_HOME/bin/rcs" ] || RCS_BINARY=$CONNECTOR_SERVER_HOME/bin/rcs
fi
if ! command -v "$RCS_BINARY" >/dev/null; then
    echo "The program $RCS_BINARY was not found; put it into $CONNECTOR_SERVER_HOME/bin or name it in RCS_BINARY" >&2
    exit 1
fi

if [ "${1:-}" = jpda ]; then
    echo "Warning: there is no JVM to debug; jpda is ignored." >&2
    shift
fi
verb=$(printf %s "${1:-}" | tr '[:upper:]' '[:lower:]')
[ $# -eq 0 ] || shift

case $verb in
    /run | /start) run "$@" ;;
    /setkey | --setkey) set_key "$@" ;;
    /version | --version) exec "$RCS_BINARY" version ;;
    *) usage ;;
esac
