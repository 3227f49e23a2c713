<?cs include:"macros.cs" ?><?cs set:Title = "提请与决定：" + Shown ?><?cs def:content() ?><?cs call:error_summary() ?><h1>提请与决定</h1>
<p class="lead">一人提请，另一人决定。提请不改变任何数据，决定之后立即生效。</p>
<nav class="pages tabs" aria-label="显示范围"><?cs each:view = Views ?><a href="/staff/proposals/?show=<?cs var:view.Name ?>"<?cs if:view.Here ?> aria-current="page"<?cs /if ?>><?cs var:view.Label ?></a><?cs /each ?></nav>
<?cs if:?Rows.0.Number ?><table class="list data"><caption><?cs var:Shown ?></caption>
<thead><tr><th scope="col">事项编号<th scope="col">种类<th scope="col">对象<th scope="col">提请<th scope="col">决定期限<th scope="col">状态
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/proposals/<?cs var:row.Number ?>"><?cs var:row.Number ?></a><td data-as="种类"><?cs var:row.Kind ?><td data-as="对象"><?cs var:row.Subject ?><td data-as="提请"><?cs var:row.Proposer ?><br><?cs var:row.Proposed ?><td data-as="决定期限"><?cs var:row.Deadline ?><?cs if:row.Overdue ?><b class="wrong">已超过期限</b><?cs /if ?><td data-as="状态"><?cs call:progress(row) ?><?cs if:row.Decided ?><br><?cs var:row.Decider ?> <?cs var:row.Decided ?><?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有<?cs var:Shown ?>的提请。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs /def ?><?cs include:"layout.cs" ?>
