package org.backdraft.benchmarks;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.backdraft.concurrent.Team;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Slot;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;

/**
 * One layer outside a network, with memory and a team, so that its passes can be timed one by one:
 * random numbers stand where its neighbors would write.
 *
 * <p>Used by one thread.
 */
final class SingleLayer implements AutoCloseable {
  /**
   * What is to be timed.
   *
   * @param input logical shape of an example
   * @param first whether the layer is a network's first: then it reads dense input where it can,
   *     and no gradient of its input is asked for
   */
  record Request(Layer layer, Shape input, int examples, int threads, boolean first) {}

  private final Request request;
  private final List<Operation> operations;
  private final SingleLayerContext context;
  private final SingleLayerPass pass;
  private final Team team;
  private final Team.Task[] prepare;
  private final Team.Task[] forward;
  private final Team.Task[] backward;
  private final Team.Task[] finish;

  SingleLayer(Request request) {
    this.request = request;
    Leaves leaves = Leaves.defaultFor(request.examples());
    List<Shape> inputs = List.of(request.input());
    ParameterTable parameters = new ParameterTable(request.layer().parameters(inputs));
    ParameterTable buffers = new ParameterTable(request.layer().buffers(inputs));
    context =
        new SingleLayerContext(
            request, leaves, KernelLookup.choose().kernels(), parameters, buffers);
    operations = request.layer().compile(context);
    pass = new SingleLayerPass(context, leaves);
    Initializer.HE.initialize(parameters, pass.parameters(), 1);
    Initializer.HE.initialize(buffers, pass.buffers(), 1);
    fill(context.input(0), 1);
    fill(context.outputGradient(), 2);
    team = new Team(request.threads());
    prepare = tasks(operation -> thread -> operation.prepare(pass, thread));
    forward = tasks(operation -> thread -> operation.forward(pass, thread));
    backward = tasks(operation -> thread -> operation.backward(pass, thread));
    Collections.reverse(Arrays.asList(backward));
    finish = tasks(operation -> thread -> operation.finish(pass, thread));
    // Every backward pass needs what a forward pass has left.
    forward();
  }

  private Team.Task[] tasks(Function<Operation, Team.Task> task) {
    return operations.stream().map(task).toArray(Team.Task[]::new);
  }

  private void run(Team.Task[] tasks) {
    for (Team.Task task : tasks) {
      team.run(task);
    }
  }

  private void fill(Slot slot, long stream) {
    float[] values = pass.array(slot);
    ActivationLayout layout = slot.layout();
    for (int example = 0; example < request.examples(); example++) {
      for (int i = 0; i < layout.size(); i++) {
        float uniform = CounterRandom.uniform(1, stream, (long) example * layout.size() + i);
        values[slot.base(example) + i] = 2 * uniform - 1;
      }
    }
  }

  /** Packing and the forward pass. */
  void forward() {
    run(prepare);
    run(forward);
  }

  /**
   * The gradient of the parameters, summed over the leaves, and that of the input unless the layer
   * is the first.
   */
  void backward() {
    run(backward);
    run(finish);
  }

  /** Operations of one pass over the multiply-adds of all examples, a multiply-add as two. */
  long flop() {
    return 2L * request.examples() * request.layer().multiplyAdds(List.of(request.input()));
  }

  /** Logical elements of the input, of all examples. */
  long inputElements() {
    return (long) request.examples() * request.input().elements();
  }

  /** Logical elements of the output, of all examples. */
  long outputElements() {
    return (long) request.examples() * context.output().layout().shape().elements();
  }

  /**
   * The output of the last forward pass.
   *
   * @param c channel
   */
  float output(int example, int c, int y, int x) {
    return element(context.output(), example, c, y, x);
  }

  /** Its input, likewise. */
  float input(int example, int c, int y, int x) {
    return element(context.input(0), example, c, y, x);
  }

  private float element(Slot slot, int example, int c, int y, int x) {
    ActivationLayout layout = slot.layout();
    return pass.array(slot)[slot.base(example) + (y * layout.width() + x) * layout.pitch() + c];
  }

  /** An element of a parameter, by its index in logical order. */
  float parameter(String name, int index) {
    return pass.parameters()[context.parameter(name).begin() + index];
  }

  /**
   * Looks at all that was written.
   *
   * @throws AssertionError if an output or a gradient is not finite, or a whole array is 0
   */
  void check() {
    check("output", pass.array(context.output()), context.output());
    if (!request.first()) {
      check("gradient", pass.array(context.inputGradient(0)), context.inputGradient(0));
    }
  }

  private void check(String what, float[] values, Slot slot) {
    ActivationLayout layout = slot.layout();
    boolean any = false;
    for (int example = 0; example < request.examples(); example++) {
      for (int pixel = 0; pixel < layout.pixels(); pixel++) {
        for (int c = 0; c < layout.channels(); c++) {
          float value = values[slot.base(example) + pixel * layout.pitch() + c];
          any |= value != 0;
          if (!Float.isFinite(value)) {
            throw new AssertionError("The " + what + " must be finite: got " + value);
          }
        }
      }
    }
    if (!any) {
      throw new AssertionError("The " + what + " must not be 0 everywhere.");
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    team.close();
  }
}
