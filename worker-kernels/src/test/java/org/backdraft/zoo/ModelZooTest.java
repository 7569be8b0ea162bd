package org.backdraft.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.backdraft.nn.ShapeException;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelZooTest {
  private static Network published(String name) {
    return ModelZoo.create(name, ModelZoo.defaultInput(name), ModelZoo.defaultClasses(name));
  }

  private static Map<String, NetworkSummary.Row> rows(NetworkSummary summary) {
    Map<String, NetworkSummary.Row> rows = new TreeMap<>();
    summary.layers().forEach(row -> rows.put(row.name(), row));
    return rows;
  }

  @Test
  void lenetHasTheLecturesTable() {
    for (Shape input : List.of(Shape.of(1, 28, 28), Shape.of(1, 32, 32))) {
      NetworkSummary summary = NetworkSummary.of(ModelZoo.create("lenet5", input, 10));
      Map<String, NetworkSummary.Row> rows = rows(summary);
      assertThat(List.of("conv1", "conv2", "fc1", "fc2", "fc3"))
          .extracting(name -> rows.get(name).parameters())
          .containsExactly(156L, 2416L, 48_120L, 10_164L, 850L);
      assertThat(summary.layers())
          .extracting(NetworkSummary.Row::activations)
          .filteredOn(activations -> activations > 0)
          .containsExactly(4704L, 1176L, 1600L, 400L, 120L, 84L, 10L);
      assertThat(summary.parameters()).isEqualTo(61_706);
      assertThat(summary.activations()).isEqualTo(8094);
      assertThat(summary.multiplyAdds())
          .isEqualTo(4704 * 25 + 1600 * 150 + 400 * 120 + 120 * 84 + 840);
    }
  }

  @Test
  void receptiveFieldsOfLenet() {
    Map<String, NetworkSummary.Row> rows = rows(NetworkSummary.of(published("lenet5")));
    assertThat(List.of("conv1", "pool1", "conv2", "pool2", "fc1"))
        .extracting(name -> rows.get(name).receptiveFieldH())
        .containsExactly(5, 6, 14, 16, 28);
  }

  @Test
  void shortcutsWithoutParametersLeaveOutThoseOfTheConvolutions() {
    for (String[] each : new String[][] {{"resnet20", "269722"}, {"resnet110", "1727962"}}) {
      Network network =
          ModelZoo.create(each[0] + ":shortcut=identity", ModelZoo.defaultInput(each[0]), 10);
      assertThat(network.parameterTable().size()).isEqualTo(Integer.parseInt(each[1]));
      assertThat(NetworkSummary.of(network).layers().stream().map(layer -> layer.name()))
          .contains("layer2.0.shortcut", "layer3.0.shortcut")
          .noneMatch(name -> name.contains("downsample"));
    }
    assertThatThrownBy(
            () -> ModelZoo.create("resnet20:shortcut=a", ModelZoo.defaultInput("resnet20"), 10))
        .hasMessageContaining("one of projection, identity");
  }

  @Test
  void parametersAreThoseOfThePapers() {
    assertThat(published("lenet5-1998").parameterTable().size()).isEqualTo(61_706);
    assertThat(published("mlp").parameterTable().size())
        .isEqualTo(784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10);
    assertThat(published("bag-of-words").parameterTable().size())
        .isEqualTo(10_000 * 10 + 10 * 4 + 4);
    assertThat(published("resnet20").parameterTable().size()).isEqualTo(272_474);
    assertThat(published("c3d").parameterTable().size()).isEqualTo(78_409_573);
    assertThat(published("unet").parameterTable().size()).isEqualTo(31_030_658);
    assertThat(published("unet-bilinear").parameterTable().size()).isEqualTo(34_512_258);
  }

  /** The numbers that torchvision's documentation gives: {@code num_params} and {@code _ops}. */
  @ParameterizedTest
  @CsvSource({
    "alexnet, 61100840, 0.714",
    "densenet121, 7978856, 2.834",
    "densenet169, 14149480, 3.36",
    "densenet201, 20013928, 4.291",
    "googlenet, 6624904, 1.498",
    "inception_v3, 23834568, 5.713",
    "mobilenet_v2, 3504872, 0.301",
    "resnet18, 11689512, 1.814",
    "resnet34, 21797672, 3.664",
    "resnet50, 25557032, 4.089",
    "resnet101, 44549160, 7.801",
    "resnet152, 60192808, 11.514",
    "vgg11, 132863336, 7.609",
    "vgg13, 133047848, 11.308",
    "vgg16, 138357544, 15.47",
    "vgg19, 143667240, 19.632",
    "vgg11_bn, 132868840, 7.609",
    "vgg13_bn, 133053736, 11.308",
    "vgg16_bn, 138365992, 15.47",
    "vgg19_bn, 143678248, 19.632"
  })
  void parametersAndMultiplyAddsAreTorchvisions(String model, int parameters, double giga) {
    NetworkSummary summary = NetworkSummary.of(published(model));
    assertThat(summary.parameters()).isEqualTo(parameters);
    assertThat(summary.multiplyAdds() / 1e9).isCloseTo(giga, within(0.0006));
  }

  /** What He et al. 2016 give in millions; shortcuts by convolutions add 2752 (option B). */
  @ParameterizedTest
  @CsvSource({
    "resnet20, 272474, 0.27",
    "resnet32, 466906, 0.46",
    "resnet44, 661338, 0.66",
    "resnet56, 855770, 0.85",
    "resnet110, 1730714, 1.7",
    "resnet1202, 19424026, 19.4",
    "preresnet20, 272282, 0.27",
    "preresnet56, 855578, 0.85",
    "preresnet110, 1730522, 1.7",
    "preresnet164, 1703258, 1.7",
    "preresnet1001, 10327706, 10.2"
  })
  void parametersOfResidualNetworksAreThePapers(String model, int parameters, double millions) {
    assertThat(published(model).parameterTable().size()).isEqualTo(parameters);
    assertThat(parameters / 1e6).isCloseTo(millions, within(0.13));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resnet-cifar:depth=110 | resnet110",
        "resnet-cifar:depth=32,shortcut=identity | resnet32:shortcut=identity",
        "preresnet:depth=56 | preresnet56",
        "preresnet:depth=164,block=bottleneck | preresnet164",
        "unet:levels=4 | unet",
      })
  void depthAsASettingGivesThePublishedNetworks(String model, String published) {
    Shape input = ModelZoo.defaultInput(published);
    assertThat(ModelZoo.create(model, input, 10).nodes())
        .isEqualTo(ModelZoo.create(published, input, 10).nodes());
  }

  /** What another block in each stage adds is the same everywhere. */
  @Test
  void depthsWithoutANameAreBetweenThoseWithOne() {
    Shape input = ModelZoo.defaultInput("resnet20");
    int between = (published("resnet20").parameterTable().size() + 466_906) / 2;
    assertThat(ModelZoo.create("resnet-cifar:depth=26", input, 10).parameterTable().size())
        .isEqualTo(between);
    int basic = (272_282 + 855_578 * 2) / 3;
    assertThat(ModelZoo.create("preresnet:depth=44", input, 10).parameterTable().size())
        .isEqualTo(basic);
  }

  @Test
  void unetHasAsManyLevelsAsItIsTold() {
    Shape slice = ModelZoo.defaultInput("unet");
    assertThat(ModelZoo.create("unet:levels=3", slice, 2).parameterTable().size())
        .isEqualTo(7_696_258);
    Network flat = ModelZoo.create("unet:levels=1,width=0.25", Shape.of(1, 6, 10), 2);
    assertThat(flat.output()).isEqualTo(Shape.of(2, 6, 10));
    assertThat(flat.parameterTable().entry("bottom.conv1.weight").spec().shape())
        .isEqualTo(Shape.of(32, 16, 3, 3));
    assertThatThrownBy(() -> ModelZoo.create("unet-bilinear:levels=5", Shape.of(1, 48, 96), 2))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("multiples of 32")
        .hasMessageContaining("(1, 48, 96)")
        .hasMessageContaining("fewer levels");
  }

  @Test
  void alexnetOf2012HasTwoColumns() {
    ParameterTable table = published("alexnet-2012").parameterTable();
    assertThat(table.size()).isEqualTo(60_965_224);
    assertThat(table.entry("conv2.weight").spec().shape()).isEqualTo(Shape.of(256, 48, 5, 5));
    assertThat(table.entry("conv3.weight").spec().shape()).isEqualTo(Shape.of(384, 256, 3, 3));
    Map<String, NetworkSummary.Row> rows = rows(NetworkSummary.of(published("alexnet-2012")));
    assertThat(rows.get("conv1").output()).isEqualTo(Shape.of(96, 55, 55));
    assertThat(rows.get("pool5").output()).isEqualTo(Shape.of(256, 6, 6));
  }

  @Test
  void auxiliaryOutputsHaveTorchvisionsParameters() {
    Network googlenet = ModelZoo.create("googlenet:auxiliary=0.3", Shape.of(3, 224, 224), 1000);
    assertThat(googlenet.parameterTable().size()).isEqualTo(13_004_888);
    assertThat(googlenet.parameterTable().entry("aux2.conv.conv.weight").spec().shape())
        .isEqualTo(Shape.of(128, 528, 1, 1));
    assertThat(googlenet.output()).isEqualTo(Shape.of(1000));
    Network inception = ModelZoo.create("inception_v3:auxiliary=0.4", Shape.of(3, 299, 299), 1000);
    assertThat(inception.parameterTable().size()).isEqualTo(27_161_264);
    assertThat(inception.parameterTable().entry("AuxLogits.conv1.conv.weight").spec().shape())
        .isEqualTo(Shape.of(768, 128, 5, 5));
  }

  @Test
  void settingsChangeWidthDropoutAndHiddenLayers() {
    Shape digit = Shape.of(1, 28, 28);
    Network quarter = ModelZoo.create("lenet5:width=0.25", digit, 10);
    assertThat(quarter.parameterTable().entry("conv2.weight").spec().shape())
        .isEqualTo(Shape.of(4, 2, 5, 5));
    assertThat(quarter.name()).isEqualTo("lenet5");
    Network narrow = ModelZoo.create("unet:width=0.25,dropout=0", Shape.of(1, 256, 256), 2);
    assertThat(narrow.parameterTable().entry("down1.conv1.weight").spec().shape())
        .isEqualTo(Shape.of(16, 1, 3, 3));
    assertThat(narrow.nodes())
        .filteredOn(node -> node.layer() instanceof Dropout)
        .extracting(node -> ((Dropout) node.layer()).rate())
        .containsOnly(0f);
    Network linear = ModelZoo.create("mlp:hidden=none", digit, 10);
    assertThat(linear.parameterTable().size()).isEqualTo(7850);
    Network small = ModelZoo.create("mlp:hidden=5-7,activation=tanh", Shape.of(2), 2);
    assertThat(small.nodes())
        .extracting(Network.Node::name)
        .containsExactly("flatten", "fc1", "tanh1", "fc2", "tanh2", "fc3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lenet5:widht=2 | Did you mean 'width'?",
        "lenet5:width | key=value",
        "lenet5:width=0 | factor in (0, 64]: got '0'",
        "lenet5:width=NaN | factor in (0, 64]",
        "vgg16:dropout=1 | rate in [0, 1)",
        "mlp:hidden=12--3 | whole numbers with dashes",
        "mlp:hidden=0 | at least 1",
        "mlp:activation=ReLU | one of relu, tanh",
        "resnet50:dropout=0.5 | It has width",
        "resnet20:depth=26 | It has shortcut, width",
        "resnet-cifar:depth=27 | must be 6n + 2 with a whole n of at least 1, and at most 5000 (near are 26 and 32): got '27'",
        "resnet-cifar:depth=2 | near are 8 and 14",
        "resnet-cifar:depth=6002 | near are 4994 and 5000",
        "preresnet:depth=26,block=bottleneck | must be 9n + 2",
        "preresnet:block=wide | one of basic, bottleneck",
        "unet:levels=7 | a whole number from 1 to 6",
        "unet:levels=0 | a whole number"
      })
  void refusesSettings(String model, String message) {
    assertThatThrownBy(() -> ModelZoo.check(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void residualNetworksTakeImagesOfOtherSizes() {
    for (String model : List.of("resnet18", "resnet50")) {
      Network network = ModelZoo.create(model, Shape.of(1, 65, 90), 7);
      assertThat(network.output()).isEqualTo(Shape.of(7));
      assertThat(network.parameterTable().entry("conv1.weight").spec().shape())
          .isEqualTo(Shape.of(64, 1, 7, 7));
    }
  }

  @ParameterizedTest
  @CsvSource({"alexnet, 63", "alexnet, 300", "vgg11, 32", "vgg16, 260"})
  void adaptivePoolingKeepsTheParametersForOtherSizes(String model, int size) {
    Network network = ModelZoo.create(model, Shape.of(3, size, size + 1), 1000);
    assertThat(network.parameterTable().entries())
        .isEqualTo(published(model).parameterTable().entries());
    assertThat(network.nodes()).anyMatch(node -> node.name().equals("avgpool"));
  }

  @Test
  void c3dHasTheFiguresShapes() {
    Map<String, NetworkSummary.Row> rows = rows(NetworkSummary.of(published("c3d")));
    assertThat(List.of("pool1", "pool2", "pool3", "pool4", "conv5b", "pool5", "fc8"))
        .extracting(name -> rows.get(name).output())
        .containsExactly(
            Shape.of(64, 16, 56, 56),
            Shape.of(128, 8, 28, 28),
            Shape.of(256, 4, 14, 14),
            Shape.of(512, 2, 7, 7),
            Shape.of(512, 2, 7, 7),
            Shape.of(512, 1, 4, 4),
            Shape.of(101));
    NetworkSummary.Row conv2a = rows.get("conv2a");
    assertThat(conv2a.receptiveFieldD()).isEqualTo(5);
    assertThat(conv2a.receptiveFieldH()).isEqualTo(8);
    assertThat(conv2a.multiplyAdds()).isEqualTo(128L * 64 * 27 * 16 * 56 * 56);
  }

  @Test
  void unetGivesEachPixelAValueForEachClass() {
    for (String model : List.of("unet", "unet-bilinear")) {
      Network network = ModelZoo.create(model, Shape.of(3, 32, 48), 5);
      assertThat(network.output()).isEqualTo(Shape.of(5, 32, 48));
      assertThatThrownBy(() -> ModelZoo.create(model, Shape.of(1, 100, 96), 2))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("multiples of 16")
          .hasMessageContaining("(1, 100, 96)");
    }
    ParameterTable unet = published("unet").parameterTable();
    assertThat(unet.entry("up4.up.weight").spec().shape()).isEqualTo(Shape.of(1024, 512, 2, 2));
    assertThat(unet.entry("up4.conv1.weight").spec().shape()).isEqualTo(Shape.of(512, 1024, 3, 3));
  }

  @Test
  void receptiveFieldOfResnet50() {
    // Of 3x3 windows only: 11 behind the stem, then stages of 3, 4, 6 and 3 blocks.
    int expected = 11 + 3 * 8 + (8 + 3 * 16) + (16 + 5 * 32) + (32 + 2 * 64);
    Map<String, NetworkSummary.Row> rows = rows(NetworkSummary.of(published("resnet50")));
    assertThat(rows.get("layer4.2.relu3").receptiveFieldH()).isEqualTo(expected);
    assertThat(rows.get("layer4.2.relu3").output()).isEqualTo(Shape.of(2048, 7, 7));
  }

  @Test
  void multiplyAddsAreThoseOfThePapers() {
    assertThat(NetworkSummary.of(published("vgg16")).multiplyAdds()).isEqualTo(15_470_264_320L);
    long shortcuts = 16 * 16 * 16L * 32 + 8 * 8 * 32L * 64;
    assertThat(NetworkSummary.of(published("resnet20")).multiplyAdds())
        .isEqualTo(40_551_040 + shortcuts);
  }

  @Test
  void parametersHaveTorchvisionsNames() {
    ParameterTable vgg = published("vgg16").parameterTable();
    assertThat(vgg.entry("features.28.weight").spec().shape()).isEqualTo(Shape.of(512, 512, 3, 3));
    assertThat(vgg.entry("classifier.0.weight").spec().shape()).isEqualTo(Shape.of(4096, 25088));
    assertThat(vgg.entry("classifier.6.bias").spec().shape()).isEqualTo(Shape.of(1000));
    ParameterTable resnet50 = published("resnet50").parameterTable();
    assertThat(resnet50.entry("layer1.0.downsample.0.weight").spec().shape())
        .isEqualTo(Shape.of(256, 64, 1, 1));
    assertThat(resnet50.entry("layer4.0.conv2.weight").spec().shape())
        .isEqualTo(Shape.of(512, 512, 3, 3));
    assertThat(resnet50.entry("layer3.5.bn3.bias").spec().shape()).isEqualTo(Shape.of(1024));
    ParameterTable googlenet = published("googlenet").parameterTable();
    assertThat(googlenet.entry("conv1.conv.weight").spec().shape())
        .isEqualTo(Shape.of(64, 3, 7, 7));
    assertThat(googlenet.entry("inception3a.branch1.bn.bias").spec().shape())
        .isEqualTo(Shape.of(64));
    assertThat(googlenet.entry("inception4e.branch3.1.conv.weight").spec().shape())
        .isEqualTo(Shape.of(128, 32, 3, 3));
    assertThat(googlenet.entry("inception5b.branch4.1.conv.weight").spec().shape())
        .isEqualTo(Shape.of(128, 832, 1, 1));
    ParameterTable alexnet = published("alexnet").parameterTable();
    assertThat(alexnet.entry("features.10.weight").spec().shape())
        .isEqualTo(Shape.of(256, 256, 3, 3));
    assertThat(alexnet.entry("classifier.1.weight").spec().shape()).isEqualTo(Shape.of(4096, 9216));
    Network resnet = published("resnet20");
    assertThat(resnet.parameterTable().entry("layer2.0.downsample.0.weight").spec().shape())
        .isEqualTo(Shape.of(32, 16, 1, 1));
    assertThat(resnet.bufferTable().entry("layer3.2.bn2.running_var").length()).isEqualTo(64);
    assertThat(published("mlp").parameterTable().entries())
        .extracting(ParameterTable.Entry::name)
        .containsExactly(
            "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias");
  }

  /** The names in code style that stand between a phrase and the end of its clause. */
  private static List<String> listed(String documentation, String phrase) {
    int begin = documentation.indexOf(phrase);
    assertThat(begin).as("'%s' in docs/configuration.md", phrase).isNotNegative();
    String clause = documentation.substring(begin + phrase.length()).split("[.;]", 2)[0];
    return Pattern.compile("`([^`]+)`").matcher(clause).results().map(r -> r.group(1)).toList();
  }

  @Test
  void documentationSaysOfEachNetworkWhetherTorchvisionHasIt() throws Exception {
    String documentation = Files.readString(Path.of("../docs/configuration.md"));
    List<String> names =
        new ArrayList<>(listed(documentation, "Parameters have torchvision's names in "));
    names.addAll(listed(documentation, "torchvision lacks "));
    assertThat(names).containsExactlyInAnyOrderElementsOf(ModelZoo.names());
  }

  @Test
  void everyModelComesBackFromItsDescription() {
    for (String name : ModelZoo.names()) {
      Network network = published(name);
      assertThat(NetworkDescription.fromMap(NetworkDescription.toMap(network)).nodes())
          .isEqualTo(network.nodes());
      assertThat(network.name()).isEqualTo(name);
    }
    assertThat(ModelZoo.names()).isSorted();
  }

  @Test
  void everyModelSurvivesJavaSerialization() throws Exception {
    for (String name : ModelZoo.names()) {
      Network network = published(name);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(network);
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertThat(((Network) in.readObject()).nodes()).isEqualTo(network.nodes());
      }
    }
  }

  @Test
  void refusesUnknownNamesAndInputsThatDoNotFit() {
    assertThatThrownBy(() -> ModelZoo.create("lenet", Shape.of(1, 28, 28), 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'lenet'")
        .hasMessageContaining("lenet5");
    assertThatThrownBy(() -> ModelZoo.create("lenet5", Shape.of(3, 224, 224), 10))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(3, 224, 224)");
    assertThatThrownBy(() -> ModelZoo.create("resnet20", Shape.of(7), 10))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("conv1");
  }
}
