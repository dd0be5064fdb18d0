import { Component, OnInit, inject } from '@angular/core';
import { FormControl } from '@angular/forms';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { Router } from '@angular/router';
import { User } from '@core/models/user.interface';
import { Column } from '@shared/components/data-table/data-table.component';
import { debounceTime } from 'rxjs';

import { UserFacadeService } from '../../services/user-facade.service';

@Component({
  selector: 'tp-user-list',
  templateUrl: './user-list.component.html',
})
export class UserListComponent implements OnInit {
  private readonly router = inject(Router);
  readonly facade = inject(UserFacadeService);

  readonly search = new FormControl('', { nonNullable: true });
  readonly columns: Column<User>[] = [
    { key: 'name', label: 'users.name', value: (user) => user.fullName },
    { key: 'email', label: 'users.email', value: (user) => user.email },
    { key: 'roles', label: 'users.roles', value: (user) => user.roles.join(', ') },
  ];

  constructor() {
    this.search.valueChanges
      .pipe(debounceTime(250), takeUntilDestroyed())
      .subscribe((text) => this.facade.load({ search: text, page: 1 }));
  }

  ngOnInit(): void {
    this.facade.load({ search: '', page: 1 });
  }

  open(user: User): void {
    void this.router.navigate(['/users', user.id]);
  }

  turn(page: number): void {
    this.facade.load({ search: this.search.value, page });
  }
}
