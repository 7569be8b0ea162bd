package org.backdraft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.backdraft.tensor.ParameterSpec.Role;
import org.junit.jupiter.api.Test;

class WeightsDigestTest {
  private static ParameterTable table(String... names) {
    return new ParameterTable(
        java.util.Arrays.stream(names)
            .map(n -> new ParameterSpec(n, Shape.of(3, 1000), Role.WEIGHT, 1, 1))
            .toList());
  }

  @Test
  void isTheHashOfAllValuesByNameInLittleEndian() throws Exception {
    ParameterTable parameters = table("conv2.weight", "a.bias");
    ParameterTable buffers = table("b.running_mean");
    float[] p = new float[6000];
    float[] b = new float[3000];
    for (int i = 0; i < p.length; i++) {
      p[i] = i * 0.7f - 3;
      b[i / 2] = -i;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(bytes, p, 3000, 6000);
    write(bytes, b, 0, 3000);
    write(bytes, p, 0, 3000);
    String expected =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    assertThat(WeightsDigest.sha256(parameters, p, buffers, b)).isEqualTo(expected);
  }

  private static void write(ByteArrayOutputStream out, float[] values, int begin, int end) {
    for (int i = begin; i < end; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      for (int shift = 0; shift < 32; shift += 8) {
        out.write(bits >>> shift);
      }
    }
  }

  @Test
  void oneBitChangesIt() {
    ParameterTable none = new ParameterTable(List.of());
    float[] values = new float[3000];
    String before = WeightsDigest.sha256(table("w"), values, none, new float[0]);
    values[2999] = -0f;
    assertThat(WeightsDigest.sha256(table("w"), values, none, new float[0])).isNotEqualTo(before);
  }

  @Test
  void refusesANameThatComesTwice() {
    assertThatThrownBy(
            () -> WeightsDigest.sha256(table("w"), new float[3000], table("w"), new float[3000]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w'");
  }
}
