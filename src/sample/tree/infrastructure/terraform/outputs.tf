output "database_endpoint" {
  value       = module.rds.endpoint
  description = "Host and port of the database"
}

output "redis_endpoint" {
  value       = module.redis.endpoint
  description = "Primary endpoint of Redis"
}

output "private_subnet_ids" {
  value = module.vpc.private_subnet_ids
}

output "job_cluster" {
  value = module.ecs.cluster_name
}
