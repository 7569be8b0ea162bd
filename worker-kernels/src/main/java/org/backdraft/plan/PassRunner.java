package org.backdraft.plan;

import java.io.IOException;
import org.backdraft.concurrent.Team;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Share;

/** Runs a plan's operations over the examples of a {@link ReplicaPass}, section by section. */
final class PassRunner {
  private final Plan plan;
  private final ReplicaPass pass;
  private final Team team;
  private final Schedule.Section all;
  private final Schedule.Section unfinished;
  private final Schedule.Section evaluationPrepared;
  private final Schedule.Section[] evaluation;
  private final Schedule.Section[] backward;
  private final PassTask task = new PassTask();
  private ForwardStage[] stages;
  private ParameterArrival arrival = ParameterArrival.COMPLETE;

  PassRunner(Plan plan, ReplicaPass pass, Team team) {
    this.plan = plan;
    this.pass = pass;
    this.team = team;
    all = Schedule.Section.of(plan.operations());
    unfinished = Schedule.Section.of(plan.unfinished());
    stages = ForwardStage.of(plan, plan.reduction().parameters());
    evaluation = plan.evaluation().sections().toArray(Schedule.Section[]::new);
    evaluationPrepared = Schedule.Section.of(plan.evaluation().operations());
    backward = plan.backward().toArray(Schedule.Section[]::new);
  }

  /**
   * Has training steps wait for their parameters, part by part.
   *
   * @param ends as {@link ForwardStage#of} takes them
   */
  void arriveBy(int[] ends, ParameterArrival arrival) {
    stages = ForwardStage.of(plan, ends);
    this.arrival = arrival;
  }

  /** The forward pass of an evaluation, loss included, with parameters that are all there. */
  void forward() {
    run(Phase.TAKE_INPUTS, all);
    run(Phase.PREPARE, evaluationPrepared);
    for (Schedule.Section section : evaluation) {
      run(Phase.FORWARD, section);
    }
    loss();
  }

  /**
   * The forward pass of a training step, loss included.
   *
   * @param peers that sum with this worker
   */
  void forward(BatchSums peers) throws IOException, InterruptedException {
    layers(peers);
    loss();
  }

  /** Likewise without the loss: labels are not looked at. */
  void layers(BatchSums peers) throws IOException, InterruptedException {
    run(Phase.TAKE_INPUTS, all);
    for (ForwardStage stage : stages) {
      arrival.await(stage.parametersEnd());
      run(Phase.PREPARE, stage.prepared());
      for (Schedule.Section section : stage.sections()) {
        run(Phase.FORWARD, section);
        add(section, peers, false);
      }
    }
  }

  private void loss() {
    run(Phase.LOSS, all);
    plan.lossStep().addRows(pass);
  }

  private void add(Schedule.Section section, BatchSums peers, boolean isBackward)
      throws IOException, InterruptedException {
    if (section.batchSums() > 0) {
      peers.add(pass.batchSums(), section.batchSums(), isBackward);
    }
  }

  /**
   * The backward pass.
   *
   * @param listener told how far the sums of the pass are final
   * @param peers that sum with this worker
   */
  void backward(GradientListener listener, BatchSums peers)
      throws IOException, InterruptedException {
    int told = plan.reduction().parameters();
    for (int section = 0; section < backward.length; section++) {
      run(Phase.BACKWARD, backward[section]);
      add(backward[section], peers, true);
      if (plan.finalFrom(section) < told) {
        told = plan.finalFrom(section);
        listener.finalFrom(told);
      }
    }
    run(Phase.FINISH, unfinished);
    if (told > 0) {
      listener.finalFrom(0);
    }
  }

  private void run(Phase phase, Schedule.Section section) {
    task.phase = phase;
    task.section = section;
    team.run(task);
  }

  private enum Phase {
    TAKE_INPUTS,
    PREPARE,
    FORWARD,
    LOSS,
    BACKWARD,
    FINISH
  }

  /** One phase of a pass over a section. */
  private final class PassTask implements Team.Task {
    private Phase phase;
    private Schedule.Section section;

    @Override
    public void run(int thread) {
      for (Operation operation : section.finishing()) {
        operation.finish(pass, thread);
      }
      int begin = Share.begin(pass.examples(), thread, team.threads());
      int end = Share.end(pass.examples(), thread, team.threads());
      for (int at = begin; at < end - section.examplesAtOnce(); at += section.examplesAtOnce()) {
        runExamples(thread, at, at + section.examplesAtOnce());
        begin = at + section.examplesAtOnce();
      }
      runExamples(thread, begin, end);
    }

    private void runExamples(int thread, int begin, int end) {
      pass.deal(thread, begin, end);
      switch (phase) {
        case TAKE_INPUTS -> pass.takeInputs(begin, end);
        case PREPARE -> {
          for (Operation operation : section.operations()) {
            operation.prepare(pass, thread);
          }
        }
        case FORWARD -> {
          for (Operation operation : section.operations()) {
            operation.forward(pass, thread);
          }
        }
        case LOSS -> plan.lossStep().run(pass, thread);
        case BACKWARD -> {
          for (Operation operation : section.operations()) {
            operation.backward(pass, thread);
          }
        }
        case FINISH -> {
          for (Operation operation : section.operations()) {
            operation.finish(pass, thread);
          }
          if (thread == 0) {
            plan.lossStep().finish(pass);
          }
        }
      }
    }
  }
}
