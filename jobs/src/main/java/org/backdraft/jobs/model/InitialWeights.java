package org.backdraft.jobs.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.backdraft.checkpoint.ModelFileException;
import org.backdraft.checkpoint.ModelTensors;
import org.backdraft.checkpoint.TensorFile;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.init.Initializer;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.text.Glob;

/**
 * The weights of a trained model that a run starts with, but for what {@code init.fresh} names:
 * that is drawn from {@code train.seed}, with the bits that it would have without a model, and the
 * model's tensors of those names do not count.
 */
public final class InitialWeights implements Weights.Source {
  private final Path runOrFile;
  private final TrainingConfig config;
  private final Consumer<String> notes;

  /**
   * @param runOrFile a run folder, or a model file
   * @param notes told what starts anew
   */
  public InitialWeights(Path runOrFile, TrainingConfig config, Consumer<String> notes) {
    this.runOrFile = runOrFile;
    this.config = config;
    this.notes = notes;
  }

  /**
   * @throws ModelFileException if the model does not fit, with the setting that would start anew
   *     what differs
   * @throws ConfigurationException if a pattern of {@code init.fresh} matches nothing
   */
  @Override
  public Weights of(Network network) throws IOException {
    TensorFile file = TrainedModel.tensors(TrainedModel.weightsFile(runOrFile));
    requireMatches(file, network);
    List<ModelTensors.Difference> differences =
        ModelTensors.differences(
            file, network.parameterTable(), network.bufferTable(), this::isFresh);
    if (!differences.isEmpty()) {
      throw new ModelFileException(
          "%s does not fit the model: %s. To start those anew, set init.fresh=%s."
              .formatted(
                  file.origin(),
                  String.join(
                      "; ", differences.stream().map(ModelTensors.Difference::text).toList()),
                  layers(differences)));
    }
    Weights weights = drawn(network, config);
    List<String> fresh = new ArrayList<>();
    take(file, network.parameterTable(), weights.parameters(), fresh);
    take(file, network.bufferTable(), weights.buffers(), fresh);
    if (!fresh.isEmpty()) {
      notes.accept(
          "%s start anew (init.fresh), all else as in %s"
              .formatted(String.join(", ", fresh), file.origin()));
    }
    return weights;
  }

  /** The weights of a network that starts from {@code train.seed}. */
  static Weights drawn(Network network, TrainingConfig config) {
    Weights weights =
        new Weights(
            new float[network.parameterTable().size()], new float[network.bufferTable().size()]);
    Initializer rule = config.init().initializer();
    long seed = config.train().seed();
    rule.initialize(network.parameterTable(), weights.parameters(), seed);
    rule.initialize(network.bufferTable(), weights.buffers(), seed);
    return weights;
  }

  private boolean isFresh(String name) {
    return config.init().freshNames().stream().anyMatch(each -> each.matches(name));
  }

  private void take(TensorFile file, ParameterTable table, float[] values, List<String> fresh) {
    for (ParameterTable.Entry entry : table.entries()) {
      if (isFresh(entry.name())) {
        fresh.add(entry.name() + " " + entry.spec().shape());
      } else {
        float[] from = file.tensors().get(entry.name()).values();
        System.arraycopy(from, 0, values, entry.begin(), from.length);
      }
    }
  }

  private void requireMatches(TensorFile file, Network network) {
    Set<String> names = new LinkedHashSet<>(file.tensors().keySet());
    network.parameterTable().entries().forEach(each -> names.add(each.name()));
    network.bufferTable().entries().forEach(each -> names.add(each.name()));
    for (Glob each : config.init().freshNames()) {
      if (names.stream().noneMatch(each::matches)) {
        throw new ConfigurationException(
            "init.fresh must match names of the model or of %s: '%s' matches none of %s."
                .formatted(file.origin(), each, String.join(", ", names)));
      }
    }
  }

  /** Patterns for all of the layers whose tensors differ, beside those that are set. */
  private String layers(List<ModelTensors.Difference> differences) {
    Set<String> layers = new LinkedHashSet<>();
    config.init().freshNames().forEach(each -> layers.add(each.pattern()));
    for (ModelTensors.Difference each : differences) {
      int dot = each.name().lastIndexOf('.');
      layers.add(dot < 0 ? each.name() : each.name().substring(0, dot) + ".*");
    }
    return String.join(",", layers);
  }
}
