package org.backdraft.nn;

import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * A student and its teacher in one network: the student's layers, then the teacher's, without
 * dropout and with {@link #PREFIX} before their names, then a {@link Distillation}. The student's
 * parameters and buffers are the first ones of the tables.
 */
public final class TaughtNetwork {
  /** What the names of the teacher's layers begin with. */
  public static final String PREFIX = "teacher.";

  private static final String END = "distillation";

  private TaughtNetwork() {}

  /**
   * Puts both together.
   *
   * @throws IllegalArgumentException if they do not take the same input, or give outputs of
   *     different shapes
   */
  public static Network of(Network student, Network teacher, Distillation distillation) {
    Checks.argument(
        student.input().equals(teacher.input()) && student.output().equals(teacher.output()),
        "A teacher must take and give what its student does: '%s' takes %s and gives %s, '%s' takes"
            + " %s and gives %s.",
        teacher.name(),
        teacher.input(),
        teacher.output(),
        student.name(),
        student.input(),
        student.output());
    NetworkBuilder builder = Network.named(student.name(), student.input());
    for (Network.Node node : student.nodes()) {
      builder.add(node.name(), node.layer(), node.inputs().toArray(String[]::new));
    }
    for (Network.Node node : teacher.nodes()) {
      Layer layer = node.layer() instanceof Dropout ? new Dropout(0) : node.layer();
      builder.add(
          PREFIX + node.name(),
          layer,
          node.inputs().stream().map(TaughtNetwork::taughtName).toArray(String[]::new));
    }
    return builder.add(END, distillation, last(student), PREFIX + last(teacher)).build();
  }

  /** The student of such a network, by itself. */
  public static Network student(Network taught) {
    NetworkBuilder builder = Network.named(taught.name(), taught.input());
    for (Network.Node node : taught.nodes()) {
      if (node.name().startsWith(PREFIX)) {
        break;
      }
      builder.add(node.name(), node.layer(), node.inputs().toArray(String[]::new));
    }
    return builder.build();
  }

  private static String taughtName(String input) {
    return input.equals(Network.INPUT) ? input : PREFIX + input;
  }

  private static String last(Network network) {
    List<Network.Node> nodes = network.nodes();
    return nodes.get(nodes.size() - 1).name();
  }
}
