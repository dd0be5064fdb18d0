variable "environment" {
  type        = string
  description = "dev, staging or production"

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "The environment has to be dev, staging or production."
  }
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "vpc_cidr" {
  type = string
}

variable "db_instance_class" {
  type    = string
  default = "db.t4g.medium"
}

variable "redis_node_type" {
  type    = string
  default = "cache.t4g.small"
}

variable "job_image" {
  type        = string
  description = "Image with tools/scripts and the PostgreSQL client"
  default     = "registry.tech-platform.example/jobs:stable"
}
