package org.backdraft.checkpoint;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@link CheckpointState} as {@code state.json}. */
final class StateFile {
  private static final int MOST = Integer.MAX_VALUE;

  private StateFile() {}

  static byte[] toJson(CheckpointState state, String origin) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", state.step());
    json.put("epoch", (long) state.epoch());
    json.put("step_in_epoch", state.stepInEpoch());
    json.put("workers", (long) state.workers());
    json.put("config_sha256", state.configSha256());
    json.put("weights_sha256", state.weightsSha256());
    json.put("details", state.details());
    return StrictJson.write(json, origin);
  }

  static CheckpointState parse(byte[] bytes, String origin) throws CheckpointException {
    Map<String, Object> json = StrictJson.parse(bytes, origin);
    Map<String, Object> details = new LinkedHashMap<>();
    Map<?, ?> given = StrictJson.field(json, "details", Map.class, origin);
    given.forEach((key, value) -> details.put(key.toString(), value));
    try {
      return new CheckpointState(
          StrictJson.number(json, "step", CheckpointState.MOST_STEPS, origin),
          (int) StrictJson.number(json, "epoch", MOST, origin),
          StrictJson.number(json, "step_in_epoch", Long.MAX_VALUE, origin),
          (int) StrictJson.number(json, "workers", MOST, origin),
          StrictJson.field(json, "config_sha256", String.class, origin),
          StrictJson.field(json, "weights_sha256", String.class, origin),
          details);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException("%s: %s".formatted(origin, e.getMessage()), e);
    }
  }
}
