package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.backdraft.data.DamagedBytes;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  private static final NamedTensor WEIGHT =
      new NamedTensor(
          "fc.weight", Shape.of(2, 3), new float[] {1, -2, 0.5f, Float.NaN, -0f, 1e-40f});
  private static final NamedTensor BIAS =
      new NamedTensor("fc.bias", Shape.of(2), new float[] {3, Float.NEGATIVE_INFINITY});

  private static byte[] written(List<NamedTensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, tensors, metadata);
    return out.toByteArray();
  }

  private static TensorFile read(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), bytes.length, "test.safetensors");
  }

  /** A file with any header. */
  private static byte[] file(String header, int dataBytes) {
    return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  private static byte[] file(byte[] header, int dataBytes) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(header.length).put(header).array();
  }

  @Test
  void whatIsWrittenIsReadBitForBit() throws IOException {
    TensorFile file = read(written(List.of(WEIGHT, BIAS), Map.of("format", "pt", "ü", "\"\n")));
    assertThat(file.tensors().keySet()).containsExactly("fc.bias", "fc.weight");
    assertThat(file.tensors().get("fc.weight").values()).containsExactly(WEIGHT.values());
    assertThat(file.tensors().get("fc.bias").values()).containsExactly(BIAS.values());
    assertThat(file.tensors().get("fc.weight").shape()).isEqualTo(Shape.of(2, 3));
    assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "ü", "\"\n"));
    assertThat(file.others()).isEmpty();
  }

  @Test
  void theBytesDependOnTheTensorsAlone() throws IOException {
    byte[] one = written(List.of(WEIGHT, BIAS), Map.of());
    assertThat(written(List.of(BIAS, WEIGHT), Map.of())).isEqualTo(one);
    String header =
        "{\"fc.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"fc.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]}}";
    int length = (header.length() + 7) / 8 * 8;
    assertThat(ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(length);
    assertThat(new String(one, 8, length, StandardCharsets.UTF_8).trim()).isEqualTo(header);
    assertThat(one).hasSize(8 + length + 32);
  }

  @Test
  void tensorsLargerThanABufferAreReadWhole() throws IOException {
    float[] values = new float[40_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    TensorFile file =
        read(written(List.of(new NamedTensor("big", Shape.of(values.length), values)), Map.of()));
    assertThat(file.tensors().get("big").values()).isEqualTo(values);
  }

  @Test
  void scalarsEmptyTensorsAndOtherTypesAreLegal() throws IOException {
    TensorFile file =
        read(
            file(
                "{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[4,12]},"
                    + "\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                    + "\"z\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[4,4]}}   ",
                12));
    assertThat(file.tensors().get("s").values()).containsExactly(0f);
    assertThat(file.others())
        .containsExactly(
            new TensorFile.Other("z", "F32", List.of(3L, 0L)),
            new TensorFile.Other("n", "I64", List.of()));
    assertThat(read(file("{}", 0)).tensors()).isEmpty();
  }

  static Stream<Arguments> badFiles() {
    String f = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    byte[] notUtf8 = ("{\"a\":" + f + "}").getBytes(StandardCharsets.UTF_8);
    notUtf8[2] = (byte) 0xff;
    return Stream.of(
        Arguments.of("1 short", new byte[7], "header length missing"),
        Arguments.of("1 empty", new byte[0], "header length missing"),
        Arguments.of(
            "2 header longer than the file", length(100, 20), "header of 100 bytes does not fit"),
        Arguments.of("3 over the cap", length(100_000_001, 20), "at most 100000000 bytes"),
        Arguments.of("4 2^63", length(Long.MIN_VALUE, 20), "found 9223372036854775808"),
        Arguments.of("4 −1", length(-1, 20), "found 18446744073709551615"),
        Arguments.of("5 not UTF-8", file(notUtf8, 8), "must be UTF-8"),
        Arguments.of("6 not JSON", file("{\"a\":nonsense}", 0), "must be a JSON object"),
        Arguments.of("6 no object", file("[1]", 0), "must begin with '{'"),
        Arguments.of("6 space first", file(" {}", 0), "must begin with '{'"),
        Arguments.of("6 nothing", file("", 0), "must begin with '{'"),
        Arguments.of("6 cut off", file("{\"a\":" + f, 8), "must be a JSON object"),
        Arguments.of("6 garbage", file("{\"a\":" + f + "}{}", 8), "nothing may follow"),
        Arguments.of("6 no tensor", file("{\"a\":3}", 0), "'a' must be an object"),
        Arguments.of(
            "7 duplicate name",
            file("{\"a\":" + f + ",\"a\":" + f + "}", 8),
            "Duplicate field 'a'"),
        Arguments.of(
            "7 duplicate key",
            file(
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                8),
            "Duplicate field 'dtype'"),
        Arguments.of(
            "8 deep", file("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000), 0), "may have"),
        Arguments.of(
            "8 deep array",
            file("{\"a\":{\"shape\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}}", 0),
            "depth"),
        Arguments.of("9 dtype", one("F31", "[2]", "[0,8]", 8), "unknown dtype 'F31'"),
        Arguments.of("9 no text", file(f.replace("\"F32\"", "3"), 8), "must be an object"),
        Arguments.of("10 negative", one("F32", "[-2]", "[0,8]", 8), "found -2"),
        Arguments.of("10 fraction", one("F32", "[2.0]", "[0,8]", 8), "found 2.0"),
        Arguments.of("10 text", one("F32", "[\"2\"]", "[0,8]", 8), "found 2"),
        Arguments.of("10 no array", one("F32", "2", "[0,8]", 8), "shape must be an array"),
        Arguments.of(
            "10 2^63",
            one("F32", "[9223372036854775808]", "[0,8]", 8),
            "found 9223372036854775808"),
        Arguments.of(
            "11 overflow", one("F32", "[4294967296,4294967296]", "[0,8]", 8), "passes 2^63"),
        Arguments.of("11 overflow to 0", one("F32", "[4611686018427387904]", "[0,0]", 0), "passes"),
        Arguments.of(
            "12 overlap",
            file("{\"a\":" + f + ",\"b\":" + f.replace("[0,8]", "[4,12]") + "}", 12),
            "(overlap)"),
        Arguments.of("12 same place", file("{\"a\":" + f + ",\"b\":" + f + "}", 8), "(overlap)"),
        Arguments.of(
            "13 hole",
            file("{\"a\":" + f + ",\"b\":" + f.replace("[0,8]", "[12,20]") + "}", 20),
            "(hole)"),
        Arguments.of("13 hole in front", one("F32", "[2]", "[4,12]", 12), "(hole)"),
        Arguments.of("14 backwards", one("F32", "[2]", "[8,0]", 8), "must not end before"),
        Arguments.of("14 past the end", one("F32", "[3]", "[0,12]", 8), "the file has 8 bytes"),
        Arguments.of("14 three offsets", one("F32", "[2]", "[0,4,8]", 8), "at most 2 numbers"),
        Arguments.of("14 one offset", one("F32", "[2]", "[0]", 8), "two data_offsets"),
        Arguments.of("15 length", one("F32", "[3]", "[0,8]", 8), "needs 12 bytes"),
        Arguments.of("16 rest", one("F32", "[2]", "[0,8]", 9), "nothing may follow the last"),
        Arguments.of("16 rest of nothing", file("{}", 1), "nothing may follow the last"),
        Arguments.of("17 number", file("{\"__metadata__\":{\"a\":1}}", 0), "may hold strings only"),
        Arguments.of(
            "17 object", file("{\"__metadata__\":{\"a\":{}}}", 0), "may hold strings only"),
        Arguments.of("17 text", file("{\"__metadata__\":\"a\"}", 0), "must be an object"),
        Arguments.of(
            "other key",
            file("{\"a\":" + f.replace("\"shape\"", "\"x\":1,\"shape\"") + "}", 8),
            "found 'x'"));
  }

  private static byte[] length(long headerBytes, int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putLong(headerBytes).array();
  }

  private static byte[] one(String type, String shape, String offsets, int dataBytes) {
    return file(
        "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
            .formatted(type, shape, offsets),
        dataBytes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFiles")
  void refusesBadFiles(String name, byte[] bytes, String message) {
    assertThatThrownBy(() -> read(bytes))
        .as(name)
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("test.safetensors: ")
        .hasMessageContaining(message);
  }

  @Test
  void noTruncationAndNoBitOfTheHeaderEndsInAnotherError() throws IOException {
    byte[] whole = written(List.of(WEIGHT, BIAS), Map.of("a", "b"));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(ModelFileException.class);
    }
    readDamaged(Long.getLong("tests.seed", 1), 2000);
  }

  @Test
  @Tag("full")
  void noDamageEndsInAnotherError() throws IOException {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    System.out.println("safetensors: -Dtests.seed=" + seed);
    readDamaged(seed, 5_000_000);
  }

  private static void readDamaged(long seed, int rounds) throws IOException {
    byte[] whole = written(List.of(WEIGHT, BIAS), Map.of("a", "b"));
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = DamagedBytes.of(whole, whole.length - 32, random);
      try {
        read(damaged);
      } catch (ModelFileException e) {
        assertThat(e.getMessage()).startsWith("test.safetensors: ");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("-Dtests.seed=%d round %d".formatted(seed, round), e);
      }
    }
  }

  @Test
  void aFileThatEndsBeforeItsSizeIsRefused() throws IOException {
    byte[] whole = written(List.of(WEIGHT), Map.of());
    assertThatThrownBy(
            () ->
                Safetensors.read(
                    new ByteArrayInputStream(whole, 0, whole.length - 1), whole.length, "here"))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("here must have " + whole.length + " bytes");
  }

  @Test
  void filesAreWrittenAndReadThroughHadoop(@TempDir java.nio.file.Path folder) throws IOException {
    FileSystem files = FileSystem.getLocal(new Configuration());
    Path path = new Path(folder.toString(), "model.safetensors");
    Safetensors.write(files, path, List.of(WEIGHT), Map.of());
    Safetensors.write(files, path, List.of(BIAS), Map.of());
    assertThat(Safetensors.read(files, path).tensors()).containsOnlyKeys("fc.bias");
    assertThatThrownBy(() -> Safetensors.read(files, new Path(folder.toString(), "none")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> Safetensors.read(files, new Path(folder.toString())))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("is a folder");
  }

  private static ParameterSpec spec(String name, int... dims) {
    return new ParameterSpec(name, Shape.of(dims), ParameterSpec.Role.WEIGHT, 0, 0);
  }

  @Test
  void aModelIsFilledByName() throws IOException {
    ParameterTable parameters =
        new ParameterTable(List.of(spec("fc.weight", 2, 3), spec("fc.bias", 2)));
    ParameterTable buffers = new ParameterTable(List.of(spec("bn.running_mean", 1)));
    NamedTensor mean = new NamedTensor("bn.running_mean", Shape.of(1), new float[] {7});
    NamedTensor counter = new NamedTensor("bn.num_batches_tracked", Shape.of(1), new float[] {9});
    TensorFile file = read(written(List.of(BIAS, mean, WEIGHT, counter), Map.of()));
    float[] values = new float[8];
    float[] buffer = new float[1];
    ModelTensors.load(file, parameters, values, buffers, buffer);
    assertThat(values).startsWith(WEIGHT.values()).endsWith(BIAS.values());
    assertThat(buffer).containsExactly(7);
    assertThat(written(ModelTensors.of(parameters, values), Map.of()))
        .isEqualTo(written(List.of(WEIGHT, BIAS), Map.of()));
  }

  @Test
  void anotherModelsFileIsRefusedWithAllThatDiffers() throws IOException {
    ParameterTable parameters =
        new ParameterTable(
            List.of(spec("fc.weight", 3, 2), spec("fc1.bias", 2), spec("n", 1), spec("a", 1)));
    TensorFile file =
        read(
            file(
                "{\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                    + "\"fc.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
                    + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[36,40]},"
                    + "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[32,36]}}",
                40));
    float[] values = new float[10];
    assertThatThrownBy(
            () ->
                ModelTensors.load(
                    file, parameters, values, new ParameterTable(List.of()), new float[0]))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("'fc.weight' must be (3, 2): found (2, 3)")
        .hasMessageContaining("'fc1.bias' (2) is missing")
        .hasMessageContaining("'n' must be F32 (1): found I64 [1]")
        .hasMessageContaining("'x' is not in the model");
    assertThat(values).containsOnly(0);
  }

  @Test
  void aNameCannotBeWrittenTwice() {
    assertThatThrownBy(() -> written(List.of(BIAS, BIAS), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fc.bias");
  }
}
