package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** A safetensors file: read, and written again as it was, or refused by name. */
public final class SafetensorsFuzz {
  private static final String ORIGIN = "fuzzed";

  private SafetensorsFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    TensorFile file;
    try {
      file = Safetensors.read(new ByteArrayInputStream(bytes), bytes.length, ORIGIN);
    } catch (ModelFileException expected) {
      assertThat(expected.getMessage()).contains(ORIGIN);
      return;
    }
    Safetensors.check(new ByteArrayInputStream(bytes), bytes.length, ORIGIN);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, List.copyOf(file.tensors().values()), file.metadata());
    byte[] written = out.toByteArray();
    TensorFile again = Safetensors.read(new ByteArrayInputStream(written), written.length, ORIGIN);
    assertThat(again.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(file.tensors().keySet());
    for (NamedTensor tensor : file.tensors().values()) {
      NamedTensor back = again.tensors().get(tensor.name());
      assertThat(back.shape()).isEqualTo(tensor.shape());
      for (int i = 0; i < tensor.values().length; i++) {
        assertThat(Float.floatToRawIntBits(back.values()[i]))
            .isEqualTo(Float.floatToRawIntBits(tensor.values()[i]));
      }
    }
    assertThat(again.metadata()).isEqualTo(file.metadata());
  }
}
