package org.backdraft.jobs.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonTest {
  @Test
  void numbersThatAreNotFiniteBecomeNull() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("loss", Double.NaN);
    values.put("list", Arrays.asList(1.5, Float.POSITIVE_INFINITY, null));
    assertThat(Json.line(values)).isEqualTo("{\"loss\":null,\"list\":[1.5,null,null]}");
  }

  @Test
  void floatsKeepTheirOwnDigits() {
    assertThat(Json.line(0.1f)).isEqualTo("0.1");
  }

  @Test
  void textIsEscaped() {
    assertThat(Json.line("a \"b\"\n")).isEqualTo("\"a \\\"b\\\"\\n\"");
  }
}
