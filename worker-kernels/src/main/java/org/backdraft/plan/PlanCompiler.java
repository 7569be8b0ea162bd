package org.backdraft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.nn.Network;
import org.backdraft.nn.Operation;
import org.backdraft.nn.OperationContext;
import org.backdraft.nn.Slot;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterTable;

/**
 * Turns a network into operations with places in memory.
 *
 * <p>Every node's output has a place for the whole pass, since its backward pass may read it. Every
 * <em>use</em> of an output whose gradient is wanted has a place for that gradient, which lives
 * from the backward pass of the user to that of the node.
 */
final class PlanCompiler {
  private final Plan.Request request;
  private final Kernels kernels;
  private final Network network;
  private final List<Network.Node> nodes;
  private final Map<String, Integer> positions = new HashMap<>();
  private final ParameterTable parameterTable;
  private final ParameterTable bufferTable;
  private final List<LeafRange> subtrees = new ArrayList<>();
  private final ReductionLayout reduction;

  private final ArenaPlanner values = new ArenaPlanner("activations");
  private final ArenaPlanner gradients = new ArenaPlanner("gradients of activations");
  private final ArenaPlanner workspace = new ArenaPlanner("working memory");
  private final ArenaPlanner winners = new ArenaPlanner("winners of max pooling");

  private final Slot input;
  private Optional<Slot> paddedInput = Optional.empty();
  private final List<Slot> outputs = new ArrayList<>();

  /** For each node the places of its gradient, one for each use, in order of the users. */
  private final List<List<Slot>> uses = new ArrayList<>();

  /** For each node and input the place of that input's gradient, if wanted. */
  private final List<List<Optional<Slot>>> inputGradients = new ArrayList<>();

  private final boolean[] learns;

  PlanCompiler(Plan.Request request, Kernels kernels) {
    this.request = request;
    this.kernels = kernels;
    network = request.network();
    nodes = network.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      positions.put(nodes.get(i).name(), i);
    }
    parameterTable = network.parameterTable();
    bufferTable = network.bufferTable();
    reduction = new ReductionLayout(parameterTable.size(), bufferTable.size());
    Checks.argument(
        (long) parameterTable.size() + bufferTable.size()
            <= ArenaPlanner.MOST_FLOATS - ReductionLayout.SCALARS,
        "The parameters and buffers of '%s' must fit into one array: there are %d and %d.",
        network.name(),
        parameterTable.size(),
        bufferTable.size());
    int first = request.leafRange().begin();
    for (LeafRange subtree : request.leafRange().subtrees()) {
      subtrees.add(new LeafRange(subtree.begin() - first, subtree.end() - first));
    }
    input = new Slot(Slot.Area.INPUT, 0, ActivationLayout.dense(network.input()));
    learns = new boolean[nodes.size()];
  }

  Plan.Parts compile() {
    request.loss().check(network.name(), network.output());
    placeZeros();
    placeValues();
    Optional<Slot> lossGradient = placeGradients();
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      operations.add(nodes.get(i).layer().compile(new NodeContext(i)));
    }
    LossStep lossStep =
        new LossStep(
            request,
            kernels.loss(),
            outputs.get(nodes.size() - 1),
            lossGradient,
            List.copyOf(subtrees),
            reduction);
    return new Plan.Parts(
        parameterTable,
        bufferTable,
        List.copyOf(subtrees),
        reduction,
        List.copyOf(operations),
        forwardGroups(operations),
        backwardGroups(operations),
        lossStep,
        List.copyOf(outputs),
        // Products of a group's channels read whole panels, also behind the last pixel.
        values.size() + Kernels.LANES,
        gradients.size() + Kernels.LANES,
        workspace.size(),
        winners.size());
  }

  /** Zeros at the beginning, which operations read as padding; never written. */
  private void placeZeros() {
    int widest =
        nodes.stream().mapToInt(n -> ActivationLayout.padded(n.output()).pitch()).max().orElse(0);
    int length = Math.max(widest, ActivationLayout.padded(network.input()).pitch());
    values.place(length);
    gradients.place(length);
  }

  private void placeValues() {
    boolean needsPaddedInput =
        nodes.stream()
            .anyMatch(n -> n.inputs().contains(Network.INPUT) && !n.layer().readsDenseInput());
    if (needsPaddedInput) {
      paddedInput = Optional.of(placeValue(ActivationLayout.padded(network.input())));
    }
    for (Network.Node node : nodes) {
      outputs.add(placeValue(ActivationLayout.padded(node.output())));
      uses.add(new ArrayList<>());
    }
  }

  private Slot placeValue(ActivationLayout layout) {
    int offset = values.place((long) request.capacity() * layout.size());
    return new Slot(Slot.Area.VALUE, offset, layout);
  }

  /** Places a gradient for each use of an output; returns that of the network's output. */
  private Optional<Slot> placeGradients() {
    int[] times = backwardTimes();
    boolean[] used = new boolean[nodes.size()];
    used[nodes.size() - 1] = true;
    for (int i = 0; i < nodes.size(); i++) {
      learns[i] = !nodes.get(i).parameters().isEmpty();
      List<Optional<Slot>> ofInputs = new ArrayList<>();
      for (String name : nodes.get(i).inputs()) {
        Integer from = positions.get(name);
        if (from == null) {
          ofInputs.add(Optional.empty());
          continue;
        }
        used[from] = true;
        learns[i] |= learns[from];
        ofInputs.add(
            learns[from] ? Optional.of(placeGradient(from, times[i], times)) : Optional.empty());
      }
      inputGradients.add(ofInputs);
    }
    for (int i = 0; i < nodes.size(); i++) {
      Checks.argument(
          used[i],
          "Every layer of '%s' must lead to its output: nothing takes the output of '%s'. Remove it"
              + " or connect it.",
          network.name(),
          nodes.get(i).name());
    }
    int last = nodes.size() - 1;
    return learns[last]
        ? Optional.of(placeGradient(last, times[last] + 1, times))
        : Optional.empty();
  }

  private Slot placeGradient(int node, int writtenAt, int[] times) {
    ActivationLayout layout = outputs.get(node).layout();
    int offset = gradients.place((long) request.capacity() * layout.size(), times[node], writtenAt);
    Slot slot = new Slot(Slot.Area.GRADIENT, offset, layout);
    uses.get(node).add(slot);
    return slot;
  }

  /**
   * When each node's backward pass runs, counted from the input. Neighbours without parameters
   * share a time: their backward passes may run in one group, in which threads do not wait for each
   * other, so that none of them may reuse the memory of another.
   */
  private int[] backwardTimes() {
    int[] times = new int[nodes.size()];
    for (int i = 1; i < times.length; i++) {
      boolean together =
          nodes.get(i).parameters().isEmpty() && nodes.get(i - 1).parameters().isEmpty();
      times[i] = times[i - 1] + (together ? 0 : 1);
    }
    return times;
  }

  private List<List<Operation>> forwardGroups(List<Operation> operations) {
    Groups groups = new Groups();
    paddedInput.ifPresent(
        padded -> groups.add(new InputCopy(request.threads(), input, padded), true));
    for (Operation operation : operations) {
      groups.add(operation, operation.examplesAlone(false));
    }
    return groups.list();
  }

  private List<List<Operation>> backwardGroups(List<Operation> operations) {
    Groups groups = new Groups();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (!learns[i]) {
        continue;
      }
      if (uses.get(i).size() > 1) {
        groups.add(new GradientMerge(kernels.matrix(), request.threads(), uses.get(i)), true);
      }
      boolean alone = nodes.get(i).parameters().isEmpty() && operations.get(i).examplesAlone(true);
      groups.add(operations.get(i), alone);
    }
    return groups.list();
  }

  /** Collects operations that need not wait for each other into groups. */
  private static final class Groups {
    private final List<List<Operation>> groups = new ArrayList<>();
    private boolean open;

    void add(Operation operation, boolean alone) {
      if (!alone || !open) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(operation);
      open = alone;
    }

    List<List<Operation>> list() {
      return groups.stream().map(List::copyOf).toList();
    }
  }

  /** The context of one node. */
  private final class NodeContext implements OperationContext {
    private final int number;
    private final Network.Node node;

    NodeContext(int number) {
      this.number = number;
      this.node = nodes.get(number);
    }

    @Override
    public Kernels kernels() {
      return kernels;
    }

    @Override
    public int threads() {
      return request.threads();
    }

    @Override
    public int capacity() {
      return request.capacity();
    }

    @Override
    public List<LeafRange> subtrees() {
      return List.copyOf(subtrees);
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public Slot input(int index) {
      Integer from = positions.get(node.inputs().get(index));
      if (from != null) {
        return outputs.get(from);
      }
      return node.layer().readsDenseInput() ? input : paddedInput.orElseThrow();
    }

    @Override
    public int inputs() {
      return node.inputs().size();
    }

    @Override
    public Slot output() {
      return outputs.get(number);
    }

    @Override
    public Slot outputGradient() {
      List<Slot> all = uses.get(number);
      return all.isEmpty() ? new Slot(Slot.Area.GRADIENT, 0, output().layout()) : all.get(0);
    }

    @Override
    public boolean wantsInputGradient(int index) {
      return inputGradients.get(number).get(index).isPresent();
    }

    @Override
    public Slot inputGradient(int index) {
      return inputGradients
          .get(number)
          .get(index)
          .orElseThrow(() -> new IllegalStateException("Nobody wants this gradient."));
    }

    @Override
    public ParameterTable.Entry parameter(String name) {
      return parameterTable.entry(node.name() + "." + name);
    }

    @Override
    public ParameterTable.Entry buffer(String name) {
      return bufferTable.entry(node.name() + "." + name);
    }

    @Override
    public int statisticsBegin() {
      return reduction.statisticsBegin();
    }

    @Override
    public int workspace(long floats) {
      return workspace.place(floats);
    }

    @Override
    public int winners(long shorts) {
      return winners.place(shorts);
    }
  }
}
