package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who may write into a folder of checkpoints: its {@code _LOCK}.
 *
 * @param run of the holder
 * @param token of the holder alone, from a random source
 * @param host of the holder's process
 * @param pid of the holder's process
 */
record LockFile(String run, String token, String host, long pid) {
  static final String NAME = "_LOCK";

  /** A lock of this process. */
  static LockFile ofThisProcess(String run, String token) {
    return new LockFile(run, token, thisHost(), ProcessHandle.current().pid());
  }

  private static String thisHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine that does not know its own name: then nobody is taken to be on this machine.
      return "unknown-" + ProcessHandle.current().pid();
    }
  }

  /** Whether the holder ran on this machine and does not run any more. */
  boolean isOfTheDead() {
    return host.equals(thisHost())
        && !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  byte[] toJson() throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", run);
    json.put("token", token);
    json.put("host", host);
    json.put("pid", pid);
    return StrictJson.write(json, NAME);
  }

  /**
   * @throws CheckpointException if it says nothing that can be understood
   */
  static LockFile read(StoreFiles files) throws IOException {
    String origin = files.locate(NAME);
    byte[] bytes;
    try (InputStream in = files.open(NAME)) {
      bytes = StrictJson.bytes(in, origin);
    }
    Map<String, Object> json = StrictJson.parse(bytes, origin);
    return new LockFile(
        StrictJson.field(json, "run", String.class, origin),
        StrictJson.field(json, "token", String.class, origin),
        StrictJson.field(json, "host", String.class, origin),
        StrictJson.number(json, "pid", Long.MAX_VALUE, origin));
  }
}
