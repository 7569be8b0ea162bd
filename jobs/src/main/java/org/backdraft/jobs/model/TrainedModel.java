package org.backdraft.jobs.model;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.checkpoint.ModelFileException;
import org.backdraft.checkpoint.ModelTensors;
import org.backdraft.checkpoint.NamedTensor;
import org.backdraft.checkpoint.Safetensors;
import org.backdraft.checkpoint.TensorFile;
import org.backdraft.driver.TrainedOn;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.LossConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.YamlDocument;
import org.backdraft.jobs.output.Json;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * A network with its weights, from a safetensors file that says itself what it is the model of: its
 * metadata holds the network as YAML, how its input is normalized, and what its classes are called.
 *
 * @param network the graph
 * @param weights at the offsets of its tables
 * @param data of the training
 * @param loss the loss of the training, by configuration key
 */
public record TrainedModel(
    Network network, Weights weights, TrainedOn data, Map<String, String> loss) {
  private static final String NETWORK = "backdraft.network";
  private static final String NORMALIZE = "backdraft.normalize";

  /** Names of classes as a JSON list. */
  private static final String CLASSES = "backdraft.classes";

  /** Before the configuration keys of the loss. */
  private static final String KEY = "backdraft.";

  /** What a run folder calls its weights. */
  public static final String WEIGHTS_FILE = "model.safetensors";

  /** What a run folder calls its network. */
  public static final String NETWORK_FILE = "model.yaml";

  /** The model that a run made. */
  public static TrainedModel of(TrainingReport report, LossConfig loss) {
    return new TrainedModel(report.network(), report.weights(), report.data(), lossKeys(loss));
  }

  private static Map<String, String> lossKeys(LossConfig loss) {
    Map<String, String> keys = new LinkedHashMap<>();
    ConfigLayers.keysOf("loss", loss).forEach((key, value) -> keys.put(key, value.toString()));
    return keys;
  }

  /** Writes {@link #WEIGHTS_FILE} and {@link #NETWORK_FILE} into a folder. */
  public void write(Path folder) throws IOException {
    Files.writeString(folder.resolve(NETWORK_FILE), yaml(network));
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(folder.resolve(WEIGHTS_FILE)))) {
      Safetensors.write(out, tensors(), words());
    }
  }

  /** Parameters and buffers, copied, as a model file holds them. */
  public List<NamedTensor> tensors() {
    List<NamedTensor> tensors =
        new ArrayList<>(ModelTensors.of(network.parameterTable(), weights.parameters()));
    tensors.addAll(ModelTensors.of(network.bufferTable(), weights.buffers()));
    return tensors;
  }

  /** What a model file says of itself, by which {@link #read} knows its network. */
  public Map<String, String> words() {
    return words(network, data, loss);
  }

  /** Likewise of the model that a run is making. */
  public static Map<String, String> words(Network network, TrainedOn data, LossConfig loss) {
    return words(network, data, lossKeys(loss));
  }

  private static Map<String, String> words(
      Network network, TrainedOn data, Map<String, String> loss) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("format", "pt");
    words.put(NETWORK, yaml(network));
    words.put(NORMALIZE, data.normalize());
    if (!data.classes().isEmpty()) {
      words.put(CLASSES, Json.line(data.classes()));
    }
    loss.forEach((key, value) -> words.put(KEY + key, value));
    return words;
  }

  /**
   * Reads the model of a run folder or a file.
   *
   * @throws ModelFileException if there is none, or its network is not known: neither metadata nor
   *     a {@link #NETWORK_FILE} beside it
   */
  public static TrainedModel read(Path runOrFile) throws IOException {
    Path file = weightsFile(runOrFile);
    TensorFile tensors = tensors(file);
    Network network = network(file, tensors);
    TrainingConfig defaults = TrainingConfig.defaults();
    Map<String, String> loss = lossKeys(defaults.loss());
    loss.replaceAll((key, value) -> tensors.metadata().getOrDefault(KEY + key, value));
    return new TrainedModel(
        network,
        weights(tensors, network),
        new TrainedOn(
            tensors.metadata().getOrDefault(NORMALIZE, defaults.data().normalize()),
            classes(file, tensors)),
        loss);
  }

  private static List<String> classes(Path file, TensorFile tensors) throws ModelFileException {
    String text = tensors.metadata().get(CLASSES);
    try {
      return text == null ? List.of() : Json.texts(text);
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(
          "%s must have a list of names as '%s' in its metadata: got %s."
              .formatted(file, CLASSES, text),
          e);
    }
  }

  /** A network as YAML that {@code --model} takes. */
  public static String yaml(Network network) {
    DumpSettings settings =
        DumpSettings.builder().setDefaultFlowStyle(FlowStyle.AUTO).setWidth(120).build();
    return new Dump(settings).dumpToString(NetworkDescription.toMap(network));
  }

  private static Network network(Path file, TensorFile tensors) throws ModelFileException {
    String described = tensors.metadata().get(NETWORK);
    if (described != null) {
      return ModelLookup.network(YamlDocument.parse(file + " (" + NETWORK + ")", described));
    }
    Path beside = file.resolveSibling(NETWORK_FILE);
    if (Files.isRegularFile(beside)) {
      return ModelLookup.read(beside);
    }
    throw new ModelFileException(
        "%s must say what network it belongs to: it has no '%s' in its metadata, and there is no %s."
            .formatted(file, NETWORK, beside));
  }

  private static Weights weights(TensorFile file, Network network) throws ModelFileException {
    float[] parameters = new float[network.parameterTable().size()];
    float[] buffers = new float[network.bufferTable().size()];
    ModelTensors.load(file, network.parameterTable(), parameters, network.bufferTable(), buffers);
    return new Weights(parameters, buffers);
  }

  /** The weights of a run folder, else the file itself. */
  static Path weightsFile(Path runOrFile) {
    return Files.isDirectory(runOrFile) ? runOrFile.resolve(WEIGHTS_FILE) : runOrFile;
  }

  /** What a model file holds. */
  static TensorFile tensors(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new ModelFileException("No model file '%s'. Check the path.".formatted(file));
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Safetensors.read(in, Files.size(file), file.toString());
    }
  }
}
