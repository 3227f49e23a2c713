<?cs include:"macros.cs" ?><?cs set:Title = "公告" ?><?cs def:content() ?><?cs call:error_summary() ?><div class="head"><h1>公告</h1><?cs if:May ?><a class="button" href="/staff/notices/new">起草公告</a><?cs /if ?></div>
<p class="lead">在有效期内，显示在所有企业的首页和系统的欢迎页上。</p>
<?cs if:?Rows.0.Title ?><table class="list data"><caption>全部公告，新的在前</caption>
<thead><tr><th scope="col">标题<th scope="col">有效期<th scope="col">状态<th scope="col">起草人
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/notices/<?cs var:row.Id ?>"><?cs var:row.Title ?></a><?cs if:row.Important ?> <b class="s s07">重要</b><?cs /if ?><td data-as="有效期"><?cs var:row.First ?> 至 <?cs var:row.Last ?><td data-as="状态"><?cs call:progress(row) ?><?cs if:row.EndedBy ?><br>提前结束<?cs /if ?><td data-as="起草人"><?cs var:row.By ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">还没有公告。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><p class="quiet"><a href="/help/staff-notices">操作手册：公告</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
