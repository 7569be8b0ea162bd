package org.backdraft.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Epilogue;
import org.backdraft.nn.Network;
import org.backdraft.nn.Operation;
import org.backdraft.nn.OperationContext;
import org.backdraft.nn.PoolingFirst;
import org.backdraft.nn.Scope;
import org.backdraft.nn.Slot;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterTable;

/**
 * Turns a network into operations with places in memory.
 *
 * <p>Every node's output has a place for the whole pass, since its backward pass may read it. Every
 * <em>use</em> of an output whose gradient is wanted has a place for that gradient, which lives
 * from the backward pass of the user to that of the node. Only what {@link FusedNodes fused nodes}
 * hand each other has no place; they are known by the last of them. And {@link InPlace} nodes share
 * the places of their input.
 */
final class PlanCompiler {
  private final Plan.Request request;
  private final Kernels kernels;
  private final Network network;
  private final List<Network.Node> nodes;
  private final List<FusedNodes> fused;
  private final InPlace inPlace;
  private final Map<String, Integer> positions = new HashMap<>();
  private final ParameterTable parameterTable;
  private final ParameterTable bufferTable;
  private final Pieces pieces;
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

  /** The gradients of inputs that are wanted, by node and number of the input. */
  private final Map<Input, Slot> inputGradients = new HashMap<>();

  private final boolean[] learns;
  private final BitSet evaluated;

  PlanCompiler(Plan.Request request, Kernels kernels) {
    this.request = request;
    this.kernels = kernels;
    network = PoolingFirst.of(request.network());
    nodes = network.nodes();
    fused = FusedNodes.of(network);
    inPlace = new InPlace(network, fused);
    for (int i = 0; i < nodes.size(); i++) {
      positions.put(nodes.get(i).name(), i);
    }
    parameterTable = network.parameterTable();
    bufferTable = network.bufferTable();
    reduction = ReductionLayout.of(network);
    Checks.argument(
        (long) parameterTable.size() + bufferTable.size()
            <= ArenaPlanner.MOST_FLOATS - ReductionLayout.SCALARS,
        "The parameters and buffers of '%s' must fit into one array: there are %d and %d.",
        network.name(),
        parameterTable.size(),
        bufferTable.size());
    pieces = Pieces.of(request);
    input = new Slot(Slot.Area.INPUT, 0, ActivationLayout.dense(network.input()));
    learns = new boolean[nodes.size()];
    evaluated = EvaluatedNodes.of(network);
  }

  Plan.Parts compile() {
    request.loss().check(network.name(), network.output());
    placeZeros();
    placeValues();
    Optional<Slot> lossGradient = placeGradients();
    List<List<Operation>> operations = new ArrayList<>();
    for (FusedNodes each : fused) {
      operations.add(nodes.get(each.first()).layer().compile(new NodeContext(each)));
    }
    LossStep lossStep =
        new LossStep(
            request, kernels.loss(), outputs.get(nodes.size() - 1), lossGradient, reduction);
    List<Schedule.Section> backward = backwardSections(operations);
    int[] parameterBegins = FusedNodes.parameterBegins(network, fused);
    FinalSums finalSums = FinalSums.of(backward, parameterBegins, operations);
    ExchangeOrder order = ExchangeOrder.of(parameterBegins, operations);
    order.check(backward, finalSums.begins());
    return new Plan.Parts(
        parameterTable,
        bufferTable,
        pieces,
        reduction,
        operations.stream().flatMap(List::stream).toList(),
        parametersEnds(parameterBegins, operations),
        forwardSections(operations, false),
        new Plan.Evaluation(
            evaluated, evaluatedOperations(operations), forwardSections(operations, true)),
        backward,
        finalSums,
        order,
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
    for (FusedNodes each : fused) {
      ActivationLayout layout = ActivationLayout.padded(nodes.get(each.last()).output());
      Slot slot = inPlace.source(each.last()).map(outputs::get).orElseGet(() -> placeValue(layout));
      for (int i = each.first(); i <= each.last(); i++) {
        outputs.add(slot);
        uses.add(new ArrayList<>());
      }
    }
  }

  private Slot placeValue(ActivationLayout layout) {
    int offset = values.place((long) pieces.capacity() * layout.size());
    return new Slot(Slot.Area.VALUE, offset, layout);
  }

  /** An input of a node: number {@link #ADDEND} is what a fused sum adds. */
  private record Input(int node, int number) {
    static final int ADDEND = -1;
  }

  /** Places a gradient for each use of an output; returns that of the network's output. */
  private Optional<Slot> placeGradients() {
    List<List<Input>> users = users();
    int[] times = backwardTimes();
    int[] lastReads = lastReads(times);
    Optional<Slot> lossGradient = Optional.empty();
    int output = nodes.size() - 1;
    if (learns[output]) {
      lossGradient = Optional.of(placeGradient(output, times[output] + 1, lastReads[output]));
      uses.get(output).add(lossGradient.get());
    }
    for (int from = output; from >= 0; from--) {
      if (!learns[from]) {
        continue;
      }
      for (Input user : users.get(from)) {
        // What flows into a sum flows on to both summands: there is no need for a copy.
        Slot slot =
            user.number() == Input.ADDEND || inPlace.sharesGradient(user.node())
                ? uses.get(user.node()).get(0)
                : placeGradient(from, times[user.node()], lastReads[from]);
        inputGradients.put(user, slot);
        uses.get(from).add(slot);
      }
    }
    return lossGradient;
  }

  private Slot placeGradient(int node, int writtenAt, int lastRead) {
    ActivationLayout layout = outputs.get(node).layout();
    int offset = gradients.place((long) pieces.capacity() * layout.size(), lastRead, writtenAt);
    return new Slot(Slot.Area.GRADIENT, offset, layout);
  }

  /** Who reads the output of each node, in order; finds on the way which nodes learn. */
  private List<List<Input>> users() {
    List<List<Input>> users = new ArrayList<>();
    nodes.forEach(node -> users.add(new ArrayList<>()));
    for (FusedNodes each : fused) {
      Network.Node first = nodes.get(each.first());
      boolean learning =
          !first.parameters().isEmpty()
              && !request.options().untrainedLayers().contains(first.name());
      for (int number = 0; number < first.inputs().size(); number++) {
        learning |= use(first.inputs().get(number), new Input(each.last(), number), users);
      }
      if (each.addend().isPresent()) {
        learning |= use(each.addend().get(), new Input(each.last(), Input.ADDEND), users);
      }
      learns[each.last()] = learning;
    }
    for (FusedNodes each : fused) {
      Checks.argument(
          each.last() == nodes.size() - 1 || !users.get(each.last()).isEmpty(),
          "Every layer of '%s' must lead to its output: nothing takes the output of '%s'. Remove it"
              + " or connect it.",
          network.name(),
          nodes.get(each.last()).name());
    }
    return users;
  }

  private boolean use(String name, Input user, List<List<Input>> users) {
    Integer from = positions.get(name);
    if (from == null) {
      return false;
    }
    users.get(from).add(user);
    return learns[from];
  }

  /**
   * When each node's backward pass runs, counted from the input: all nodes from one that adds sums
   * down to the next such one share a time.
   */
  private int[] backwardTimes() {
    int[] times = new int[nodes.size()];
    int time = 1;
    for (FusedNodes each : fused) {
      times[each.last()] = time;
      time += each.sums(network) ? 1 : 0;
    }
    return times;
  }

  /**
   * The time until which the gradient of each node is read. One more than it takes: at the border
   * of two times threads need not wait for each other, so that none of them may reuse what another
   * still reads. And what flows through a sum is read by both summands, what a node in place hands
   * on by the one that made its input.
   */
  private int[] lastReads(int[] times) {
    int[] lastReads = new int[nodes.size()];
    for (FusedNodes each : fused) {
      int node = each.last();
      lastReads[node] = times[node] - 1;
      if (inPlace.sharesGradient(node)) {
        int source = inPlace.source(node).orElseThrow();
        lastReads[node] = Math.min(lastReads[node], lastReads[source]);
      }
      Integer addend = each.addend().map(positions::get).orElse(null);
      if (addend != null) {
        lastReads[node] = Math.min(lastReads[node], lastReads[addend]);
      }
    }
    return lastReads;
  }

  private static int[] parametersEnds(int[] begins, List<List<Operation>> operations) {
    return IntStream.range(0, operations.size())
        .flatMap(node -> operations.get(node).stream().mapToInt(each -> begins[node + 1]))
        .toArray();
  }

  private List<Operation> evaluatedOperations(List<List<Operation>> operations) {
    return IntStream.range(0, fused.size())
        .filter(i -> evaluated.get(fused.get(i).last()))
        .mapToObj(operations::get)
        .flatMap(List::stream)
        .toList();
  }

  private List<Schedule.Section> forwardSections(
      List<List<Operation>> operations, boolean isEvaluation) {
    Schedule schedule = new Schedule(false);
    paddedInput.ifPresent(
        padded -> schedule.add(new InputCopy(input, padded), padded.layout().size()));
    for (int i = 0; i < fused.size(); i++) {
      int last = fused.get(i).last();
      if (isEvaluation && !evaluated.get(last)) {
        continue;
      }
      int size = outputs.get(last).layout().size();
      operations.get(i).forEach(operation -> schedule.add(operation, size));
    }
    return schedule.sections();
  }

  private List<Schedule.Section> backwardSections(List<List<Operation>> operations) {
    Schedule schedule = new Schedule(true);
    for (int i = fused.size() - 1; i >= 0; i--) {
      int node = fused.get(i).last();
      if (!learns[node]) {
        continue;
      }
      int size = outputs.get(node).layout().size();
      boolean sums = fused.get(i).sums(network);
      if (sums) {
        schedule.addSums();
      }
      if (uses.get(node).size() > 1) {
        schedule.add(new GradientMerge(kernels.matrix(), uses.get(node)), size);
      }
      List<Operation> parts = operations.get(i);
      for (int part = parts.size() - 1; part >= 0; part--) {
        schedule.add(parts.get(part), size);
      }
      if (sums && parts.stream().allMatch(PlanCompiler::dealsExamples)) {
        throw new IllegalStateException(
            "A layer with parameters must add up their gradients: " + nodes.get(node).name());
      }
    }
    return schedule.sections();
  }

  private static boolean dealsExamples(Operation operation) {
    Scope scope = operation.scope(true);
    return scope == Scope.EXAMPLES || scope == Scope.NOTHING;
  }

  /** The context of the first of some fused nodes. */
  private final class NodeContext implements OperationContext {
    private final FusedNodes fusedNodes;
    private final Network.Node node;

    NodeContext(FusedNodes fusedNodes) {
      this.fusedNodes = fusedNodes;
      this.node = nodes.get(fusedNodes.first());
    }

    @Override
    public Kernels kernels() {
      return kernels;
    }

    @Override
    public Loss loss() {
      return request.loss();
    }

    @Override
    public int threads() {
      return request.threads();
    }

    @Override
    public int capacity() {
      return pieces.capacity();
    }

    @Override
    public List<LeafRange> subtrees() {
      return pieces.mostSubtrees();
    }

    @Override
    public int number() {
      return fusedNodes.first();
    }

    @Override
    public Slot input(int index) {
      String name = node.inputs().get(index);
      boolean dense = name.equals(Network.INPUT) && node.layer().readsDenseInput();
      return dense ? input : paddedOutput(name);
    }

    private Slot paddedOutput(String name) {
      Integer from = positions.get(name);
      return from == null ? paddedInput.orElseThrow() : outputs.get(from);
    }

    @Override
    public Epilogue epilogue() {
      return new Epilogue(fusedNodes.addend().map(this::paddedOutput), fusedNodes.rectified());
    }

    @Override
    public int inputs() {
      return node.inputs().size();
    }

    @Override
    public Slot output() {
      return outputs.get(fusedNodes.last());
    }

    @Override
    public Slot outputGradient() {
      List<Slot> all = uses.get(fusedNodes.last());
      return all.isEmpty() ? new Slot(Slot.Area.GRADIENT, 0, output().layout()) : all.get(0);
    }

    @Override
    public boolean wantsInputGradient(int index) {
      return inputGradients.containsKey(new Input(fusedNodes.last(), index));
    }

    @Override
    public Slot inputGradient(int index) {
      Slot slot = inputGradients.get(new Input(fusedNodes.last(), index));
      if (slot == null) {
        throw new IllegalStateException("Nobody wants this gradient.");
      }
      return slot;
    }

    @Override
    public boolean batchNormSync() {
      return request.options().batchNormSync();
    }

    @Override
    public boolean batchNormFrozen() {
      return request.options().frozenLayers().contains(node.name());
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
