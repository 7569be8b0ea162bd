package org.backdraft.nn;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalInt;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;

/**
 * An immutable directed acyclic graph of named layers with inferred shapes; a value without
 * weights.
 *
 * <pre>{@code
 * Network net = Network.named("tiny", Shape.of(1, 28, 28))
 *     .add("fc", new Flatten())
 *     .add("fc1", Linear.of(10))
 *     .build();
 * }</pre>
 */
public final class Network implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The name by which nodes refer to the network's input. */
  public static final String INPUT = "input";

  /**
   * One layer in its place.
   *
   * @param name unique in the network
   * @param inputs names of the nodes (or {@link #INPUT}) whose outputs it takes, in order
   * @param output inferred shape of its output
   * @param parameters its learned arrays, named {@code node.weight}
   * @param buffers its other arrays, likewise
   * @param multiplyAdds of a forward pass of one example
   */
  public record Node(
      String name,
      Layer layer,
      List<String> inputs,
      Shape output,
      List<ParameterSpec> parameters,
      List<ParameterSpec> buffers,
      long multiplyAdds)
      implements Serializable {}

  private final String name;
  private final Shape input;
  private final List<Node> nodes;

  Network(String name, Shape input, List<Node> nodes) {
    this.name = name;
    this.input = input;
    this.nodes = List.copyOf(nodes);
  }

  /** Starts a network. */
  public static NetworkBuilder named(String name, Shape input) {
    return new NetworkBuilder(name, input);
  }

  public String name() {
    return name;
  }

  /** The logical shape of one example. */
  public Shape input() {
    return input;
  }

  /** All nodes, each after the nodes it takes; the last one is the network's output. */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * How many rows the input's numbers choose from, where they are the indices of an embedding;
   * empty where they are values.
   */
  public OptionalInt inputRows() {
    return nodes.stream()
        .filter(n -> n.inputs().contains(INPUT) && n.layer() instanceof Embedding)
        .mapToInt(n -> ((Embedding) n.layer()).rows())
        .min();
  }

  /** The shape of the output for one example. */
  public Shape output() {
    return nodes.get(nodes.size() - 1).output();
  }

  /** Where each learned array lies in the flat array of parameters. */
  public ParameterTable parameterTable() {
    return new ParameterTable(nodes.stream().flatMap(n -> n.parameters().stream()).toList());
  }

  /** Where each buffer lies in the flat array of buffers. */
  public ParameterTable bufferTable() {
    return new ParameterTable(nodes.stream().flatMap(n -> n.buffers().stream()).toList());
  }
}
