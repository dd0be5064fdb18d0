terraform {
  required_version = ">= 1.6"
  backend "s3" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.60"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = "tech-platform", environment = var.environment, managed_by = "terraform" }
  }
}

locals {
  name = "tech-platform-${var.environment}"
}

module "vpc" {
  source = "./modules/vpc"
  name   = local.name
  cidr   = var.vpc_cidr
}

module "rds" {
  source           = "./modules/rds"
  name             = local.name
  vpc_id           = module.vpc.id
  subnet_ids       = module.vpc.private_subnet_ids
  allowed_cidr     = var.vpc_cidr
  instance_class   = var.db_instance_class
  multi_az         = var.environment == "production"
  backup_days      = var.environment == "production" ? 30 : 3
  delete_protected = var.environment == "production"
}

module "redis" {
  source       = "./modules/redis"
  name         = local.name
  vpc_id       = module.vpc.id
  subnet_ids   = module.vpc.private_subnet_ids
  allowed_cidr = var.vpc_cidr
  node_type    = var.redis_node_type
  replicas     = var.environment == "production" ? 2 : 1
}

module "ecs" {
  source     = "./modules/ecs"
  name       = local.name
  subnet_ids = module.vpc.private_subnet_ids
  job_image  = var.job_image
}
