variable "name" { type = string }
variable "subnet_ids" { type = list(string) }
variable "job_image" { type = string }

resource "aws_ecs_cluster" "jobs" {
  name = "${var.name}-jobs"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/${var.name}/jobs"
  retention_in_days = 30
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com", "scheduler.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "jobs" {
  name               = "${var.name}-jobs"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_ecs_task_definition" "backup" {
  family                   = "${var.name}-backup"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = aws_iam_role.jobs.arn

  container_definitions = jsonencode([{
    name    = "backup"
    image   = var.job_image
    command = ["tools/scripts/backup-data.sh"]
  }])
}

resource "aws_scheduler_schedule" "backup" {
  name                = "${var.name}-backup"
  schedule_expression = "cron(15 2 * * ? *)"
  flexible_time_window { mode = "OFF" }

  target {
    arn      = aws_ecs_cluster.jobs.arn
    role_arn = aws_iam_role.jobs.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.backup.arn
      launch_type         = "FARGATE"
      network_configuration { subnets = var.subnet_ids }
    }
  }
}

output "cluster_name" { value = aws_ecs_cluster.jobs.name }
